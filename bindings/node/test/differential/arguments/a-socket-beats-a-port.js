// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  const socket = use(net.connect(port, '127.0.0.1'));
  const client = use(tls.connect(1, 'localhost', { socket, ca: certs.ca }));
  await once(client, 'secureConnect');
  log('authorized for the host', client.authorized);
});
