// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { collect, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.on('error', () => {}).resume();
  const seen = collect(client, 'error', 'end', 'finish', 'close');
  client.destroy();
  log('write', client.write('late', (error) => log('write callback', error)));
  client.end('later', (error) => log('end callback', error));
  await closed(client);
  log('seen', seen);
});
