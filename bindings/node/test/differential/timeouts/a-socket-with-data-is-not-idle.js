// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');
const { collect, request } = require('../parts');

const IDLE = 1000;

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const seen = [client, socket].map((each) =>
    collect(each.setTimeout(IDLE), 'timeout'));
  socket.on('data', (each) => socket.write(each));
  const until = Date.now() + 1.5 * IDLE;
  while (Date.now() < until) await request(client, 'still talking');
  log('while talking', seen);
  await Promise.all([once(client, 'timeout'), once(socket, 'timeout')]);
  log('then', client.destroyed, socket.destroyed);
});
