// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

const ciphers = 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES256-GCM-SHA384';

run(async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const { client } = await pair({ ...certs.ec, ciphers }, { maxVersion });
    log(maxVersion, client.getCipher().name);
  }
});
