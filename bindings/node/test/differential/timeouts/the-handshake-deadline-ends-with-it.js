// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet, once } = require('../program');
const { tell } = require('../parts');

run(async () => {
  const { server, client, socket } =
    await meet({ ...certs.ec, handshakeTimeout: 1000 });
  server.on('tlsClientError', () => log('never'));
  socket.on('data', (each) => socket.write(`${each}!`));
  client.setTimeout(1200);
  await once(client, 'timeout');
  log('later', await tell(client, 'hello'));
});
