// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

// What a program sets by itself, it gets: only the defaults are narrower.
const ciphers = 'ECDHE-ECDSA-AES128-SHA256';

async function cipher(options) {
  const port = await listen(tls.createServer({ ...certs.ec, ...options }));
  const client = connect(port, { maxVersion: 'TLSv1.2', ciphers });
  client.once('error', () => {});
  await Promise.race([once(client, 'secureConnect'), once(client, 'close')]);
  return client.getCipher()?.name ?? 'none';
}

run(async () => {
  log('given', await cipher({ ciphers }));
});
