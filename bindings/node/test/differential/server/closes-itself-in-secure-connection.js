// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, read, waitFor } =
  require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  const over = new Promise((done) => server.once('close', done));
  server.on('secureConnection', (socket) => {
    server.close();
    socket.end('the last one');
  });
  log('text', await read(connect(await listen(server))));
  await waitFor('close', over);
  log('listening', server.listening);
});
