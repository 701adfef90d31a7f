// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, attempt } = require('../program');

run(async () => {
  await attempt({ ...certs.ec, ciphers: 'TLS_AES_128_GCM_SHA256' },
    { ciphers: 'TLS_AES_256_GCM_SHA384' });
});
