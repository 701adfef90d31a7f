// SPDX-License-Identifier: MIT
'use strict';

const { duplexPair } = require('node:stream');
const { log, run, use, once } = require('../program');
const { request, upgrade, upgradeServer } = require('../parts');

run(async () => {
  const [near, far] = duplexPair();
  far.once('data', (each) => {
    log.as('server')('asked', each);
    far.write('yes');
    const socket = upgradeServer(far);
    socket.on('data', (text) => socket.write(`${text}!`));
  });
  log('answer', await request(near, 'STARTTLS'));
  const client = upgrade(near);
  log('secure answer', await request(client, 'hello'));
});
