// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, connect, once, read } =
  require('../program');

run(async () => {
  const holder = net.createServer();
  const port = await listen(holder);
  const server = use(tls.createServer(certs.ec, (socket) =>
    socket.end('hello')));
  server.listen(holder);
  await once(server, 'listening');
  log('the same port', server.address().port === port);
  log('text', await read(connect(port)));
});
