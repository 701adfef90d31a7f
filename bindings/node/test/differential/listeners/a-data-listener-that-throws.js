// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');
const { request } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.once('data', () => { throw new Error('thrown in data'); });
  client.write('x');
  const [error, origin] = await once(process, 'uncaughtException');
  log('caught', error.message, origin);
  socket.on('data', (each) => socket.write(`${each}!`));
  log('goes on', await request(client, 'hello'), socket.destroyed);
});
