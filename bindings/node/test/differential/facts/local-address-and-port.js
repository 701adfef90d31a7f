// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');
const { unusedPort } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  const localPort = await unusedPort();
  const arrival = once(server, 'secureConnection');
  const client = connect(port, { localAddress: '127.0.0.1', localPort });
  const [socket] = await arrival;
  log('client', client.localAddress, client.localPort === localPort);
  log('server', socket.remoteAddress, socket.remotePort === localPort);
});
