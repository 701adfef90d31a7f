// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  const raw = use(net.connect(port, '127.0.0.1'));
  await once(raw, 'connect');
  const client = use(tls.connect({ socket: raw, ca: certs.ca }));
  await once(client, 'secureConnect');
  log('authorized', client.authorized);
  log('remote', client.remoteAddress, client.remotePort === port);
  log('local', client.localPort === raw.localPort);
});
