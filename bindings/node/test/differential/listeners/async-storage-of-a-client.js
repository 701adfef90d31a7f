// SPDX-License-Identifier: MIT
'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const { tls, log, certs, run, listen, connect } = require('../program');
const { closed } = require('../parts');

const storage = new AsyncLocalStorage();

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    socket.end('hello')));
  const clients = ['one', 'two'].map((name) => storage.run(name, () => {
    const client = connect(port);
    for (const event of ['connect', 'secureConnect', 'data', 'end', 'close'])
      client.on(event, () => log.as(name)(event, storage.getStore()));
    client.write('x', () => log.as(name)('written', storage.getStore()));
    return client;
  }));
  await closed(...clients);
  log('outside', storage.getStore());
});
