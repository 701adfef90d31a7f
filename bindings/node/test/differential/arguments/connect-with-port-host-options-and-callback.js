// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  const options = { ca: certs.ca, servername: 'localhost' };
  const client = use(tls.connect(port, '127.0.0.1', options, function() {
    log('callback', arguments.length, this === client, client.authorized);
  }));
  await once(client, 'secureConnect');
  log('remote', client.remoteAddress, client.remotePort === port);
});
