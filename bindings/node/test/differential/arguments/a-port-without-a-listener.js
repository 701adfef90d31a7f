// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, run, use, once } = require('../program');

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

run(async () => {
  const port = await freePort();
  const client = use(tls.connect({ port, host: '127.0.0.1' }));
  client.on('connect', () => log('connect'));
  const [error] = await once(client, 'error');
  log('error', error, error.syscall, error.address, error.port === port);
  const [hadError] = await once(client, 'close');
  log('close', hadError);
});
