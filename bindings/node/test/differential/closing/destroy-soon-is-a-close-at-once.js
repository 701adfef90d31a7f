// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, closedSockets, once } = require('../program');
const { record, bytes, closed } = require('../parts');

// The peer has sent what is never read, and does not end.
run(async () => {
  const { client, socket } = await pair({ ...certs.ec, allowHalfOpen: true },
    { allowHalfOpen: true });
  record('server', socket, 'finish', 'end', 'error', 'close');
  client.on('error', () => {}).write(bytes(100000));
  await once(socket, 'readable');
  socket.write('an answer');
  socket.destroySoon();
  log('at once', socket.destroyed, socket.writable);
  await closed(socket);
  log('the peer', closedSockets.has(client));
});
