// SPDX-License-Identifier: MIT
'use strict';

const { setTimeout: delay } = require('node:timers/promises');
const { log, certs, run, pair, read } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair({ ...certs.ec, allowHalfOpen: true });
  record('client', client, 'end', 'finish', 'error', 'close');
  client.end('request');
  log('request', await read(socket));
  await delay(4000);
  log('open', client.destroyed);
  socket.end('the answer');
  log('answer', await read(client));
  await closed(client, socket);
});
