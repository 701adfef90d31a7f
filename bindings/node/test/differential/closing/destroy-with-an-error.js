// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.on('error', () => {}).resume();
  record('client', client.resume(), 'finish', 'end', 'error', 'close');
  const reason = Object.assign(new Error('enough'), { code: 'EENOUGH' });
  client.destroy(reason);
  await closed(client, socket);
  log('errored', client.errored === reason);
});
