// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, read } = require('../program');

const CLIENTS = 50;

run(async () => {
  let served = 0;
  const server = tls.createServer(certs.ec, (socket) => {
    served++;
    socket.pipe(socket);
  });
  const port = await listen(server);
  const texts = await Promise.all(Array.from({ length: CLIENTS }, (_, i) => {
    const client = connect(port);
    client.end(`client ${i}`);
    return read(client);
  }));
  log('each its own', texts.every((text, i) => text === `client ${i}`));
  log('served', served);
});
