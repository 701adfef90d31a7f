// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, read } = require('../program');

const close = (server) => new Promise((done) => server.close(done));

run(async () => {
  const server = tls.createServer(certs.ec, (socket) => socket.end('hello'));
  await listen(server);
  log('close', await close(server));
  log('again', await close(server));
  const port = await listen(server);
  log('text', await read(connect(port)));
});
