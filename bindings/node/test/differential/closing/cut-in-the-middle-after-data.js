// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run } = require('../program');
const { collect, closed, pairThrough } = require('../parts');

run(async () => {
  const { client, socket, near } = await pairThrough(certs.ec);
  socket.on('error', () => {}).resume();
  const seen = collect(client, 'data', 'end', 'error', 'close');
  socket.write('the first half of it');
  client.once('data', () => near.end());
  await closed(client);
  const data = ['data', Buffer.from('the first half of it')];
  log.differs('truncated', {
    node: [data, ['end'], ['close', false]],
    tlstream: [data, ['error', 'ERR_TLSTREAM_TRUNCATED'], ['close', true]],
  }, seen);
});
