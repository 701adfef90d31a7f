// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  const client = connect(port, { timeout: 100 });
  const timeout = once(client, 'timeout');
  log('timeout', client.timeout);
  await once(client, 'secureConnect');
  await timeout;
  log('open', client.readyState, client.timeout);
});
