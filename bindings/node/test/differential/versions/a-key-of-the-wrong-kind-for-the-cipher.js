// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, attempt } = require('../program');

run(async () => {
  await attempt(certs.rsa,
    { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' });
});
