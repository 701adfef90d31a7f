// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');
const { record, request, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair({ ...certs.ec, allowHalfOpen: true },
    { allowHalfOpen: true });
  record('client', client, 'end', 'close');
  record('server', socket, 'end', 'close');
  socket.on('data', (each) => socket.write(`${each}!`));
  log('before', await request(client, 'hello'));
  client.end('bye');
  await new Promise((done) => socket.once('end', done));
  log('states', client.readyState, socket.readyState);
  socket.end('see you');
  log('text', await read(client));
  await closed(client, socket);
});
