// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

const [one, two] =
  ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'];

run(async () => {
  for (const ciphers of [`${one}:${two}`, `${two}:${one}`]) {
    const { client } = await pair(
      { ...certs.ec, ciphers: `${one}:${two}`, honorCipherOrder: false },
      { maxVersion: 'TLSv1.2', ciphers });
    log.differs('cipher-order',
      { node: ciphers.split(':')[0], tlstream: one }, client.getCipher().name);
  }
});
