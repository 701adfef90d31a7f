// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, waitFor } = require('../program');
const { bytes, closed, collect, pairThrough } = require('../parts');

run(async () => {
  const { client, socket, near } = await pairThrough(certs.ec);
  socket.on('error', () => {});
  near.unpipe();
  const seen = collect(client.resume(), 'error', 'close');
  const write = (data) => new Promise((done) => client.write(data, done));
  const all = [write(bytes(24 * 1024 * 1024)), write('second')];
  near.resetAndDestroy();
  await closed(client);
  await waitFor('the callbacks', Promise.all(all));
  log('one error', seen.length, seen.at(-1));
});
