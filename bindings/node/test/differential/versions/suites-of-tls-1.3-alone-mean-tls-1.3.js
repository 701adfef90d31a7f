// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, attempt } = require('../program');

run(async () => {
  await attempt({ ...certs.ec, ciphers: 'TLS_AES_128_GCM_SHA256' },
    { maxVersion: 'TLSv1.2' });
});
