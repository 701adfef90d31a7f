// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet, once } = require('../program');
const { tell } = require('../parts');

run(async () => {
  const { client, socket } = await meet(certs.ec);
  socket.once('data', () => { throw new Error('thrown in data'); });
  client.write('x');
  const [error, origin] = await once(process, 'uncaughtException');
  log('caught', error.message, origin);
  socket.on('data', (each) => socket.write(`${each}!`));
  log('goes on', await tell(client, 'hello'), socket.destroyed);
});
