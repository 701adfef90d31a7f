// SPDX-License-Identifier: MIT
'use strict';

const { setTimeout: delay } = require('node:timers/promises');
const { log, certs, run, pair, once } = require('../program');
const { record } = require('../parts');

run(async () => {
  const { client, socket } = await pair({ ...certs.ec, allowHalfOpen: true });
  record('client', client.resume(), 'end', 'finish', 'error', 'close');
  client.end();
  await once(socket.resume(), 'end');
  await delay(4000);
  log('open', client.destroyed, client.readyState);
});
