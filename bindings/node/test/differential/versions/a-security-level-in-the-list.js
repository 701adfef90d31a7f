// SPDX-License-Identifier: MIT
'use strict';

// arguments: --no-warnings

const crypto = require('node:crypto');
const { log, certs, run, pair } = require('../program');

// What programs have for old peers, and use with all of them.
run(async () => {
  const warnings = [];
  process.on('warning', ({ code }) => warnings.push(code));
  const { SSL_OP_LEGACY_SERVER_CONNECT, SSL_OP_NO_TICKET } = crypto.constants;
  for (const ciphers of ['DEFAULT@SECLEVEL=0', 'DEFAULT:@SECLEVEL=1',
    'ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0']) {
    const { client } = await pair({ ...certs.ec, maxVersion: 'TLSv1.2' },
      { ciphers, secureOptions: SSL_OP_LEGACY_SERVER_CONNECT |
        SSL_OP_NO_TICKET });
    log(ciphers, client.getProtocol(), client.getCipher().name.slice(0, 11));
  }
  log.differs('security-level', { node: [],
    tlstream: ['TLSTREAM_SECURITY_LEVEL'] }, warnings);
});
