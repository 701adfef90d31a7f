// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  log('allowed', client.allowHalfOpen, socket.allowHalfOpen);
  record('client', client, 'end', 'finish', 'error', 'close');
  socket.resume().end('goodbye');
  log('text', await read(client));
  await closed(client, socket);
  log('ended by itself', client.writableEnded, client.writableFinished);
});
