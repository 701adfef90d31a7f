// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  await listen(server);
  let calls = 0;
  server.on('close', () => calls++);
  await server[Symbol.asyncDispose]();
  log('closed', server.listening, calls);
});
