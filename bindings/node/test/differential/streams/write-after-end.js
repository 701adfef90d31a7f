// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.resume();
  record('client', client.resume(), 'error', 'close');
  client.end();
  log('write', client.write('late', (error) => log('callback', error)));
  await closed(client);
  log('errored', client.errored, client.writable);
});
