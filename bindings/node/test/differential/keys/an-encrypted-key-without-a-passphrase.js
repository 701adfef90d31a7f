// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run } = require('../program');

function thrown({ key, cert }) {
  try {
    tls.createSecureContext({ key, cert });
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  log('PKCS #8', thrown(certs.encrypted));
  log('RSA', thrown(certs.encryptedRsa));
});
