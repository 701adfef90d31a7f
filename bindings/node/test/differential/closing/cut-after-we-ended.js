// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, once } = require('../program');
const { collect, closed, pairThrough } = require('../parts');

run(async () => {
  const server = { ...certs.ec, allowHalfOpen: true };
  const { client, socket, near } = await pairThrough(server);
  const seen = collect(client.resume(), 'error', 'close');
  socket.on('error', () => {}).resume();
  client.end();
  await once(socket, 'end');
  near.end();
  await closed(client);
  log('not our problem any more', seen);
});
