// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

const [one, two] =
  ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'];

run(async () => {
  for (const ciphers of [`${one}:${two}`, `${two}:${one}`]) {
    const { client } = await pair({ ...certs.ec, ciphers },
      { maxVersion: 'TLSv1.2', ciphers: `${one}:${two}` });
    log(ciphers, client.getCipher().name);
  }
});
