// SPDX-License-Identifier: MIT
'use strict';

const { duplexPair } = require('node:stream');
const { tls, log, certs, run, listen, once } = require('../program');
const { plain, closed } = require('../parts');

// A real one: the first message of a client.
async function clientHello() {
  const [near, far] = duplexPair();
  const client = tls.connect({ socket: near, servername: 'localhost' });
  client.on('error', () => {});
  const [hello] = await once(far, 'data');
  client.destroy();
  return hello;
}

run(async () => {
  const hello = await clientHello();
  log('a handshake record', hello[0], hello[5]);
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  for (const length of [1, 5, 6, Math.floor(hello.length / 2)]) {
    const client = plain(port).resume();
    client.end(hello.subarray(0, length));
    const [error] = await once(server, 'tlsClientError');
    log.message(error);
    await closed(client);
  }
});
