// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, once } = require('../program');
const { record, closed, upgrade } = require('../parts');

async function connected(port) {
  const raw = use(net.connect(port, '127.0.0.1'));
  const client = upgrade(raw);
  await once(client, 'secureConnect');
  record('client', client.resume(), 'end', 'error', 'close');
  record('below', raw, 'error', 'close');
  return { raw, client };
}

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    socket.on('error', () => {}).resume()));
  for (const way of ['destroy', 'end']) {
    const { raw, client } = await connected(port);
    client[way]();
    await closed(client, raw);
    log(way, client.destroyed, raw.destroyed);
  }
});
