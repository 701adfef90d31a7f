// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { collect, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  client.on('error', () => {}).resume();
  const seen = collect(socket, 'data', 'end', 'error', 'close');
  socket.on('data', () => socket.destroy());
  client.write('one');
  client.write('two');
  client.end(Buffer.alloc(1000000, 'x'));
  await closed(socket);
  log('events', seen.map(([event]) => event), seen.at(-1));
  log('read', socket.read(), socket.readable);
});
