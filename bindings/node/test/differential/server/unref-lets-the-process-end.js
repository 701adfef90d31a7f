// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');

run(async () => {
  const { server, client, socket } = await pair(certs.ec);
  log('itself', server.unref() === server, client.unref() === client,
    socket.unref() === socket);
  await once(process, 'beforeExit');
  log('open', server.listening, client.readyState, socket.readyState);
});
