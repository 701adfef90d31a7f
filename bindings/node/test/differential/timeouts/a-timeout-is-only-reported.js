// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');
const { record, request } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  record('client', client, 'timeout', 'error');
  let called = 0;
  log('itself', client.setTimeout(30, () => called++) === client);
  log('timeout', client.timeout);
  await once(client, 'timeout');
  log('called', called, client.destroyed, client.readyState);
  client.setTimeout(0);
  log('timeout', client.timeout);
  socket.on('data', (each) => socket.write(`${each}!`));
  log('it goes on', await request(client, 'hello'));
});
