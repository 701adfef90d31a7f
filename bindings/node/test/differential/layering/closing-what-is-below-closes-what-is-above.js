// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, once } = require('../program');
const { record, closed, upgrade } = require('../parts');

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    socket.on('error', () => {}).resume()));
  const raw = use(net.connect(port, '127.0.0.1'));
  const client = upgrade(raw);
  await once(client, 'secureConnect');
  record('client', client.resume(), 'end', 'error', 'close');
  raw.destroy();
  await closed(client, raw);
  log('destroyed', client.destroyed);
});
