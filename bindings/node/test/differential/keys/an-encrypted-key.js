// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const name of ['encrypted', 'encryptedRsa']) {
    log(name, certs[name].key.includes('ENCRYPTED'));
    const { client } = await pair(certs[name], {});
    log('authorized', client.authorized);
  }
});
