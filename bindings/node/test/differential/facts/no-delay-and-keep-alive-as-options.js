// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');
const { tell } = require('../parts');

run(async () => {
  const options = { noDelay: true, keepAlive: true,
    keepAliveInitialDelay: 1000 };
  const { client, socket } = await meet({ ...certs.ec, ...options }, options);
  socket.on('data', (each) => socket.write(`${each}!`));
  log('works', await tell(client, 'hello'));
});
