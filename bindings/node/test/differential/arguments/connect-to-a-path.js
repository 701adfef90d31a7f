// SPDX-License-Identifier: MIT
'use strict';

const path = require('node:path');
const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const where = path.resolve('socket');
  const server = tls.createServer(certs.ec);
  await listen(server, where);
  log('address', path.basename(server.address()));
  const client = use(tls.connect(where, { ca: certs.ca }));
  await once(client, 'secureConnect');
  log('authorized', client.authorized);
  log('remote', client.remoteAddress, client.remotePort, client.remoteFamily);
});
