// SPDX-License-Identifier: MIT
'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const { log, certs, run, pair } = require('../program');
const { closed } = require('../parts');

const storage = new AsyncLocalStorage();

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.resume();
  for (const name of ['first', 'second', 'third']) {
    await new Promise((done) => storage.run(name, () =>
      client.write(name, () => done(log('written', storage.getStore())))));
  }
  storage.run('last', () => client.end(() => log('end', storage.getStore())));
  await closed(client.resume());
});
