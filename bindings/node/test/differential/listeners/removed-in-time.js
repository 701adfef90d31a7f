// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const never = () => log('never');
  client.on('data', never).once('end', never).off('data', never)
    .removeAllListeners('end');
  client.pause();
  client.on('data', (each) => log('data', each));
  log('counts', client.listenerCount('data'));
  client.resume();
  socket.end('hello');
  await once(client, 'end');
});
