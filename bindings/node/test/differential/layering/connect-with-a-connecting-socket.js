// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, read } = require('../program');
const { record, closed, upgrade } = require('../parts');

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    socket.end('hello')));
  const raw = use(net.connect(port, '127.0.0.1'));
  const client = upgrade(raw);
  log('at once', client.connecting, client.readyState);
  record('client', client, 'connect', 'secureConnect', 'end', 'close');
  log('text', await read(client));
  await closed(client, raw);
});
