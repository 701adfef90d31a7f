// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once, read } =
  require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  server.once('secureConnection', () => { throw new Error('in the server'); });
  const port = await listen(server);
  connect(port).on('error', () => {});
  const [error, origin] = await once(process, 'uncaughtException');
  log('caught', error.message, origin);
  server.on('secureConnection', (socket) => socket.end('hello'));
  log('next one', await read(connect(port)));
});
