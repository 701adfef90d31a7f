// SPDX-License-Identifier: MIT
'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const { tls, log, certs, run, listen, connect } = require('../program');
const { closed } = require('../parts');

const storage = new AsyncLocalStorage();

run(async () => {
  const server = tls.createServer(certs.ec, (socket) => {
    log.as('server')('secureConnection', storage.getStore());
    storage.run('of the socket', () => socket.on('data', (each) => {
      log.as('server')('data', storage.getStore());
      socket.end(each);
    }));
  });
  const port = await storage.run('of the server', () => listen(server));
  const client = storage.run('of the client', () => connect(port));
  client.resume().write('x');
  await closed(client);
});
