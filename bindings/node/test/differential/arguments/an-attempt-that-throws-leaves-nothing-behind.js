// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, run, listen, once } = require('../program');

const BAD = { key: 5, secureContext: {}, ciphers: {} };

run(async () => {
  const server = net.createServer(() => log('a client dialled'));
  const port = await listen(server);
  for (const [name, value] of Object.entries(BAD)) {
    try {
      tls.connect({ port, host: '127.0.0.1', [name]: value });
    } catch (error) {
      log(name, error.name);
    }
  }
  const last = net.connect(port, '127.0.0.1');
  await once(server, 'connection');
  last.destroy();
});
