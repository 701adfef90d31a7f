// SPDX-License-Identifier: MIT
// A connection takes one descriptor, as with Node.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const test = require('node:test');
const { api } = require('./support/home');
const { LOCALHOST, makeCertificates } = require('./support/folder');

const tls = api();
const maker = makeCertificates();
maker.signed('server', 'ca', '/CN=localhost', LOCALHOST);
const ca = maker.read('ca.pem');

const MANY = 10;
const FOLDER = '/dev/fd';

function once(emitter, event) {
  return new Promise((resolve) => emitter.once(event, resolve));
}

function count() {
  return fs.readdirSync(FOLDER).length;
}

function connect(port) {
  const client = tls.connect({ port, host: 'localhost', ca });
  client.setNoDelay().setKeepAlive(true, 1000).unref().ref();
  return Promise.all([client, once(client, 'data')]);
}

test('a connection takes one descriptor', async () => {
  const server = tls.createServer(maker.identity('server'), (socket) => {
    socket.on('error', () => {});
    socket.write('hello');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const [first] = await connect(port);
  const before = count();
  const clients = await Promise.all(
    Array.from({ length: MANY }, () => connect(port)));
  const open = count() - before;
  const ports = clients.map(([client]) => client.remotePort === port);
  for (const client of [first, ...clients.map(([each]) => each)]) {
    client.destroy();
    await once(client, 'close');
  }
  server.close();
  await once(server, 'close');
  assert.strictEqual(open, 2 * MANY); // of both sides
  assert.ok(ports.every(Boolean));
  assert.ok(count() < before);
});
