// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  await listen(server);
  log('itself', server.unref().ref() === server);
  let ended = false;
  process.once('beforeExit', () => { ended = true; });
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  log('ended', ended);
  server.unref();
  await once(process, 'beforeExit');
  log('now it may end');
});
