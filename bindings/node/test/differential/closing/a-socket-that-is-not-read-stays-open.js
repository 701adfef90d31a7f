// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');
const { closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.end('unread');
  await once(client, 'readable');
  log('still open', client.destroyed, client.readableEnded);
  client.resume();
  await closed(client, socket);
  log('now closed', client.destroyed, client.readableEnded);
});
