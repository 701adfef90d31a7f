// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, once, read } =
  require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    socket.end('hello')));
  const raw = use(net.connect(port, '127.0.0.1'));
  await once(raw, 'connect');
  const client = tls.connect({ socket: raw, ca: certs.ca,
    servername: 'localhost' });
  log('at once', client.connecting, client.readyState, client.remoteAddress);
  await once(client, 'secureConnect');
  log('the same connection', client.localPort === raw.localPort,
    client.remotePort === port);
  log('text', await read(client));
});
