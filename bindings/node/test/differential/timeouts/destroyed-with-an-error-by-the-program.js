// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, pair } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  client.resume().on('error', () => {});
  record('server', socket.resume(), 'timeout', 'error', 'close');
  socket.setTimeout(30, () => socket.destroy(
    Object.assign(new Error('idle'), { code: 'EIDLE' })));
  await closed(client, socket);
});
