// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.selfSigned, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => log('server read', data));
  });
  const port = await listen(server);
  const client = connect(port);
  client.write('a secret');
  const [error] = await once(client, 'error');
  log('error', error);
  log('destroyed', client.destroyed, 'written', client.bytesWritten);
});
