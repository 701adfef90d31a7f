// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  const raw = use(net.connect(port, '127.0.0.1'));
  const client = use(tls.connect({ socket: raw, ca: certs.ca }));
  log('connecting', raw.connecting);
  await once(client, 'secureConnect');
  log('authorized', client.authorized);
});
