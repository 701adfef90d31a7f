// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { log, run, listen, connect } = require('../program');
const { collect, closed } = require('../parts');

run(async () => {
  const server = net.createServer((raw) => raw.once('data', () => raw.end()));
  const port = await listen(server);
  const client = connect(port);
  const seen = collect(client, 'connect', 'secureConnect', 'end', 'error',
    'close');
  client.on('error', (error) => {
    log.message(error);
    const { host, path, localAddress } = error;
    log('about', { host, path, localAddress }, error.port === port);
  });
  await closed(client);
  log('seen', seen);
});
