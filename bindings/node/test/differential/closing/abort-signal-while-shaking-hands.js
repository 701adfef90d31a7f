// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { run, listen, connect } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const controller = new AbortController();
  const server = net.createServer((raw) =>
    raw.once('data', () => controller.abort()));
  const client = connect(await listen(server), { signal: controller.signal });
  record('client', client, 'connect', 'secureConnect', 'error', 'close');
  await closed(client);
});
