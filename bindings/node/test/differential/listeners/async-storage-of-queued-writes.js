// SPDX-License-Identifier: MIT
'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const { log, certs, run, pair } = require('../program');
const { closed } = require('../parts');

const storage = new AsyncLocalStorage();

// A write that waits for another one has the context of that one.
run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.resume();
  for (const name of ['first', 'second', 'third']) {
    storage.run(name, () => client.write(name, () =>
      log('written', storage.getStore())));
  }
  await new Promise((done) => client.write('last', done));
  client.end();
  await closed(client.resume());
});
