// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once, read } =
  require('../program');

run(async () => {
  const server = tls.createServer({ ...certs.ec, pauseOnConnect: true });
  const port = await listen(server);
  const client = connect(port);
  client.write('early');
  const [socket] = await once(server, 'secureConnection');
  log('paused', socket.isPaused());
  client.end(' bird');
  socket.resume();
  log('text', await read(socket));
});
