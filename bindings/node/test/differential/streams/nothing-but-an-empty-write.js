// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');
const { tell } = require('../parts');

run(async () => {
  const { client, socket } = await meet(certs.ec);
  await new Promise((done) => client.write('', done));
  await new Promise((done) => socket.write(new Uint8Array(0), done));
  socket.on('data', (each) => socket.write(`${each}!`));
  log('goes on', await tell(client, 'still here'));
});
