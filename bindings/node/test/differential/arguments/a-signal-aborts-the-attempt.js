// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, run, use, listen, once } = require('../program');

run(async () => {
  const silent = net.createServer();
  const port = await listen(silent);
  const aborter = new AbortController();
  const client = use(tls.connect(
    { port, host: '127.0.0.1', signal: aborter.signal }));
  await once(silent, 'connection');
  aborter.abort();
  const [error] = await once(client, 'error');
  log('error', error);
  log('destroyed', client.destroyed);
});
