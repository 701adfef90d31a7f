// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, waitFor } = require('../program');
const { bytes } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.on('error', () => {}).pause();
  const called = [];
  const write = (name, data, method = 'write') => new Promise((done) =>
    client[method](data, () => done(called.push(name))));
  const all = [write('first', bytes(24 * 1024 * 1024)),
    write('second', 'two'), write('end', 'three', 'end')];
  client.destroy();
  await waitFor('the callbacks', Promise.all(all));
  log('each was called', called.sort());
});
