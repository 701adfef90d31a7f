// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  const options = { port, host: '127.0.0.1', ca: certs.ca };
  const client = use(tls.connect(1, 'nowhere.invalid', options));
  await once(client, 'secureConnect');
  log('the port of the options', client.remotePort === port);
});
