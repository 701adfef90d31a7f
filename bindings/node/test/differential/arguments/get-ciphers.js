// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run } = require('../program');

run(async () => {
  const ciphers = tls.getCiphers();
  log('lower case', ciphers.every((name) => name === name.toLowerCase()));
  log('sorted', ciphers.join() === [...ciphers].sort().join());
  for (const name of ['ecdhe-rsa-aes128-gcm-sha256', 'tls_aes_256_gcm_sha384',
    'ecdhe-ecdsa-chacha20-poly1305', 'rc4-sha'])
    log(name, ciphers.includes(name));
  log('a list of its own', tls.getCiphers() !== ciphers);
});
