// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, once } = require('../program');
const { bytes, digest, closed, wire, upgrade } = require('../parts');

run(async () => {
  const [near, far] = wire();
  const server = use(tls.createServer(certs.ec));
  server.emit('connection', far);
  const client = upgrade(near);
  const [[socket]] = await Promise.all([once(server, 'secureConnection'),
    once(client, 'secureConnect')]);
  use(socket);
  log('protocol', client.getProtocol(), client.authorized);
  log('addresses', client.remoteAddress, socket.remoteAddress,
    client.remotePort);
  const data = bytes(1024 * 1024);
  socket.pipe(socket);
  client.end(data);
  log('the same', await digest(client) === await digest(data));
  await closed(client, socket);
  log('below', near.destroyed, far.destroyed);
});
