// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { request } = require('../parts');

run(async () => {
  const options = { noDelay: true, keepAlive: true,
    keepAliveInitialDelay: 1000 };
  const { client, socket } = await pair({ ...certs.ec, ...options }, options);
  socket.on('data', (each) => socket.write(`${each}!`));
  log('works', await request(client, 'hello'));
});
