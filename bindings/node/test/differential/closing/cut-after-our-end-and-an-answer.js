// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, once } = require('../program');
const { collect, closed, pairThrough } = require('../parts');

run(async () => {
  const server = { ...certs.ec, allowHalfOpen: true };
  const { client, socket, near } = await pairThrough(server);
  const seen = collect(client, 'data', 'end', 'error', 'close');
  socket.on('error', () => {}).resume();
  client.end('request');
  await once(socket, 'end');
  socket.write('the answer');
  client.once('data', () => near.end());
  await closed(client);
  const data = ['data', Buffer.from('the answer')];
  log.differs('truncated', {
    node: [data, ['end'], ['close', false]],
    tlstream: [data, ['error', 'ERR_TLSTREAM_TRUNCATED'], ['close', true]],
  }, seen);
  log.differs('truncated', { tlstream: true }, client.truncated);
});
