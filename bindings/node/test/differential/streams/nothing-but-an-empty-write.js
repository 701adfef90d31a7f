// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { request } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  await new Promise((done) => client.write('', done));
  await new Promise((done) => socket.write(new Uint8Array(0), done));
  socket.on('data', (each) => socket.write(`${each}!`));
  log('goes on', await request(client, 'still here'));
});
