// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  const options = { host: '127.0.0.1', ca: certs.ca };
  const client = use(tls.connect(String(port), options));
  await once(client, 'secureConnect');
  log('as a number', client.remotePort === port);
});
