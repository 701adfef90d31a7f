// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, tls } = require('../program');

run(async () => {
  try {
    tls.createSecureContext(
      { ...certs.encrypted, passphrase: Buffer.from('open sesame') });
    log('taken');
  } catch (error) {
    log('thrown', error);
  }
});
