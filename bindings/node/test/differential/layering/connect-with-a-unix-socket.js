// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, once, read } = require('../program');
const { upgrade } = require('../parts');

run(async () => {
  const where = await listen(tls.createServer(certs.ec, (socket) =>
    socket.end('hello')), './socket').then(() => './socket');
  for (const wait of [true, false]) {
    const raw = use(net.connect(where));
    if (wait) await once(raw, 'connect');
    const client = upgrade(raw);
    log('text', await read(client), client.authorized);
  }
});
