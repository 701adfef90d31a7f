// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run } = require('../program');

function thrown(options) {
  try {
    tls.createSecureContext({ ...certs.ec, ...options });
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  for (const name of ['key', 'cert', 'ca', 'crl', 'passphrase']) {
    for (const value of [1, true, {}, () => {}, [1], [null], [true]])
      log(name, value, thrown({ [name]: value }));
  }
});
