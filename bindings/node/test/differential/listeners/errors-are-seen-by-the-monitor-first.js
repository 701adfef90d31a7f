// SPDX-License-Identifier: MIT
'use strict';

const { errorMonitor } = require('node:events');
const { tls, log, certs, run, listen, connect } = require('../program');
const { closed } = require('../parts');

run(async () => {
  const port = await listen(tls.createServer(certs.selfSigned));
  const client = connect(port);
  client.on('error', (error) => log('error', error));
  client.on(errorMonitor, (error) => log('monitor', error));
  await closed(client);
});
