// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet, once } = require('../program');
const { record, tell } = require('../parts');

run(async () => {
  const { client, socket } = await meet(certs.ec);
  record('client', client, 'timeout', 'error');
  let called = 0;
  log('itself', client.setTimeout(30, () => called++) === client);
  log('timeout', client.timeout);
  await once(client, 'timeout');
  log('called', called, client.destroyed, client.readyState);
  client.setTimeout(0);
  log('timeout', client.timeout);
  socket.on('data', (each) => socket.write(`${each}!`));
  log('it goes on', await tell(client, 'hello'));
});
