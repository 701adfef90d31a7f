// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  for (const name of ['encrypted', 'encryptedRsa']) {
    log(name, certs[name].key.includes('ENCRYPTED'));
    const { client } = await meet(certs[name], {});
    log('authorized', client.authorized);
  }
});
