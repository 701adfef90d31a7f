// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  await listen(server);
  let told = 0;
  server.on('close', () => told++);
  await server[Symbol.asyncDispose]();
  log('closed', server.listening, told);
});
