// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.allowHalfOpen = true;
  client.end('question');
  log('question', await read(socket));
  log('writable', socket.writable);
  socket.end('answer');
  log('text', await read(client));
});
