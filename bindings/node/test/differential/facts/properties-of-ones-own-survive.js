// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');

run(async () => {
  const { server, client, socket } = await pair(certs.ec);
  server.on('secureConnection', (each) => { each.user = 'second'; });
  socket.user = 'first';
  socket.session = { started: true };
  client.write('x');
  await once(socket, 'data');
  log('kept', socket.user, socket.session);
  const seen = new WeakSet([client]);
  log('as a key', seen.has(client), seen.has(socket));
});
