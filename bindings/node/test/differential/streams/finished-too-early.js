// SPDX-License-Identifier: MIT
'use strict';

const { finished } = require('node:stream/promises');
const { log, certs, run, meet } = require('../program');

run(async () => {
  const { client, socket } = await meet(certs.ec);
  socket.on('error', () => {});
  const over = finished(client);
  client.destroy();
  await over.catch((error) => log('over', error));
});
