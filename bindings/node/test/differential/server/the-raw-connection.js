// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  const [arrival, secure] = ['connection', 'secureConnection']
    .map((event) => once(server, event));
  const client = connect(port);
  const [[raw], [socket]] = await Promise.all([arrival, secure]);
  log('kinds', raw instanceof net.Socket, raw instanceof tls.TLSSocket,
    raw === socket);
  log('ports', raw.remotePort === socket.remotePort,
    raw.remotePort === client.localPort, raw.localPort === port);
});
