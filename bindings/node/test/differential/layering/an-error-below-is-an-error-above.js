// SPDX-License-Identifier: MIT
'use strict';

const { duplexPair } = require('node:stream');
const { tls, log, certs, run, use, once } = require('../program');
const { collect, closed, upgrade } = require('../parts');

// An error, and then 'close' without one: that is Node's.
run(async () => {
  const [near, far] = duplexPair();
  const server = use(tls.createServer(certs.ec));
  server.on('secureConnection', (socket) =>
    socket.on('error', () => {}).resume());
  server.emit('connection', far);
  const client = upgrade(near);
  await once(client, 'secureConnect');
  const seen = collect(client.resume(), 'error', 'close');
  near.on('error', () => {});
  near.destroy(Object.assign(new Error('the wire broke'), { code: 'EWIRE' }));
  await closed(client);
  log('destroyed', client.destroyed);
  log.differs('had-error', {
    node: [['error', 'EWIRE'], ['close', false]],
    tlstream: [['error', 'EWIRE'], ['close', true]],
  }, seen);
});
