// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  const server = tls.createServer(certs.ec);
  server.listen(port, '127.0.0.1');
  const [error] = await once(server, 'error');
  log('error', error, error.syscall, error.address, error.port === port);
  log('state', server.listening, server.address());
});
