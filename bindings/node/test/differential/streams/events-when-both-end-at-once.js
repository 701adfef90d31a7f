// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  record('client', client, 'end', 'error', 'close');
  record('server', socket, 'end', 'error', 'close');
  const texts = [read(client), read(socket)];
  client.end('from the client');
  socket.end('from the server');
  log('texts', await Promise.all(texts));
  await closed(client, socket);
  log('finished', client.writableFinished, socket.writableFinished);
});
