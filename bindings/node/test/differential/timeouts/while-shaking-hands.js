// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { run, listen, connect } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const port = await listen(net.createServer());
  const client = connect(port, { timeout: 50 });
  record('client', client, 'timeout', 'secureConnect', 'error', 'close');
  client.once('timeout', () => client.destroy());
  await closed(client);
});
