// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, once } = require('../program');

run(async () => {
  const controller = new AbortController();
  const server = use(tls.createServer(certs.ec));
  server.listen({ port: 0, host: '127.0.0.1', signal: controller.signal });
  await once(server, 'listening');
  controller.abort();
  await once(server, 'close');
  log('listening', server.listening);
});
