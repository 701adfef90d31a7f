// SPDX-License-Identifier: MIT
'use strict';

const { finished } = require('node:stream/promises');
const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.on('error', () => {});
  const over = finished(client);
  client.destroy();
  await over.catch((error) => log('over', error));
});
