// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  log('at first', client.isPaused(), client.readableFlowing);
  client.on('data', (each) => log('data', each));
  log('listening', client.isPaused(), client.readableFlowing);
  client.pause();
  log('paused', client.isPaused(), client.readableFlowing);
  socket.on('data', (each) => socket.write(`answer to ${each}`, () => {
    log('sent');
    client.resume();
    log('resumed', client.isPaused(), client.readableFlowing);
  }));
  client.write('question');
  await once(client, 'data');
});
