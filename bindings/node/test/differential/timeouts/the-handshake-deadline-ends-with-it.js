// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');
const { request } = require('../parts');

run(async () => {
  const { server, client, socket } =
    await pair({ ...certs.ec, handshakeTimeout: 1000 });
  server.on('tlsClientError', () => log('never'));
  socket.on('data', (each) => socket.write(`${each}!`));
  client.setTimeout(1200);
  await once(client, 'timeout');
  log('later', await request(client, 'hello'));
});
