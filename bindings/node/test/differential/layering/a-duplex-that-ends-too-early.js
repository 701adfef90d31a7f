// SPDX-License-Identifier: MIT
'use strict';

const { duplexPair } = require('node:stream');
const { log, run } = require('../program');
const { closed, upgrade } = require('../parts');

run(async () => {
  const [near, far] = duplexPair();
  const client = upgrade(near);
  client.on('error', (error) => log.message(error));
  far.resume().end();
  await closed(client);
});
