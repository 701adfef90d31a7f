// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  server.maxConnections = 1;
  const port = await listen(server);
  await once(connect(port), 'secureConnect');
  const dropped = once(server, 'drop');
  const [error] = await once(connect(port), 'error');
  log('the second', error);
  const [about] = await dropped;
  log('drop', Object.keys(about).sort());
  server.getConnections((none, count) => log('connections', none, count));
});
