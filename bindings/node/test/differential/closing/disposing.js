// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { closed } = require('../parts');

run(async () => {
  const { server, client, socket } = await pair(certs.ec);
  socket.on('error', () => {}).resume();
  if (!client[Symbol.asyncDispose]) return log.skip('no asyncDispose');
  await client[Symbol.asyncDispose]();
  log('destroyed', client.destroyed);
  await closed(socket);
  await server[Symbol.asyncDispose]();
  log('listening', server.listening);
});
