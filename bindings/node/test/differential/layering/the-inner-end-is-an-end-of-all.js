// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, once } = require('../program');
const { record, closed, wire, upgrade } = require('../parts');

run(async () => {
  const [near, far] = wire();
  const server = use(tls.createServer(certs.ec));
  server.emit('connection', far);
  const client = upgrade(near);
  const [socket] = await once(server, 'secureConnection');
  record('client', client.resume(), 'end', 'error', 'close');
  record('server', socket.resume(), 'end', 'error', 'close');
  log('half open', client.allowHalfOpen, socket.allowHalfOpen);
  socket.once('end', () => socket.end());
  client.end();
  await closed(client, socket, near, far);
  log('finished', client.writableFinished, socket.writableFinished);
  log('below', near.writableEnded, far.readableEnded);
});
