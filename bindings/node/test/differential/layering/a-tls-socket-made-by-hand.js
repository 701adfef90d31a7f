// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { log, run, use, listen, connect, once, read } = require('../program');
const { upgradeServer } = require('../parts');

run(async () => {
  const server = net.createServer((raw) => {
    const socket = upgradeServer(raw);
    const side = log.as('server');
    socket.on('secure', () => {
      side('secure', socket.encrypted, socket.getProtocol());
      side('kinds', socket instanceof net.Socket, raw === socket);
      socket.end('made by hand');
    });
  });
  const client = connect(await listen(server));
  await once(client, 'secureConnect');
  log('authorized', client.authorized);
  log('text', await read(client));
});
