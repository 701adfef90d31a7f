// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  record('server', socket.resume(), 'end', 'finish', 'error', 'close');
  client.resume().on('error', () => {});
  socket.on('end', () => {
    const answered = socket.write('too late', (error) =>
      log('callback', error));
    log('in end', socket.writable, socket.writableEnded, answered);
  });
  client.end();
  await closed(client, socket);
});
