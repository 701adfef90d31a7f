// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { log, run, listen, connect } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const server = net.createServer((raw) =>
    raw.once('data', () => raw.resetAndDestroy()));
  const client = connect(await listen(server));
  record('client', client, 'connect', 'secureConnect', 'end', 'close');
  client.on('error', (error) => log('error', error, error.syscall));
  await closed(client);
});
