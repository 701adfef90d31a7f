// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run } = require('../program');

function thrown(options) {
  try {
    tls.createSecureContext(options);
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  for (const name of ['encrypted', 'encryptedRsa']) {
    for (const passphrase of ['wrong', ''])
      log(name, passphrase, thrown({ ...certs[name], passphrase }));
  }
});
