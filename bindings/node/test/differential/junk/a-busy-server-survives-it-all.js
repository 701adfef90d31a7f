// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, read } = require('../program');
const { plain, closed, bytes } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec, (socket) => socket.pipe(socket));
  let errors = 0;
  server.on('tlsClientError', () => errors++);
  const port = await listen(server);
  const garbage = bytes(4096);
  const bad = Array.from({ length: 20 }, (_, i) => {
    const client = plain(port).resume();
    client.end(garbage.subarray(i * 100, i * 100 + 60));
    return closed(client);
  });
  const good = Array.from({ length: 10 }, (_, i) => {
    const client = connect(port);
    client.end(`number ${i}`);
    return read(client);
  });
  log('texts', await Promise.all(good));
  await Promise.all(bad);
  log('errors', errors);
});
