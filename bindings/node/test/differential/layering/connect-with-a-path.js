// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once, read } =
  require('../program');

const options = { ca: certs.ca, servername: 'localhost' };

run(async () => {
  const server = tls.createServer(certs.ec, (socket) => {
    log.as('server')('addresses', socket.remoteAddress, socket.address());
    socket.end('hello');
  });
  await listen(server, './socket');
  log('address', server.address());
  for (const where of [[{ path: './socket', ...options }],
    ['./socket', options]]) {
    const client = use(tls.connect(...where));
    await once(client, 'secureConnect');
    log('addresses', client.remoteAddress, client.remotePort, client.address());
    log('text', await read(client));
  }
});
