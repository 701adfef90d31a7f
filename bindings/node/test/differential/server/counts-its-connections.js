// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, use, pair, connect, once } = require('../program');
const { closed } = require('../parts');

const count = (server) => new Promise((done, failed) =>
  server.getConnections((error, number) =>
    error ? failed(error) : done(number)));

run(async () => {
  const { server, client, socket, port } = await pair(certs.ec);
  socket.resume();
  log('one', await count(server));
  const arrival = once(server, 'secureConnection');
  const second = connect(port);
  const other = use((await arrival)[0]);
  other.resume();
  log('two', await count(server));
  client.end();
  await closed(socket);
  log('one', await count(server));
  second.end();
  await closed(other);
  log('none', await count(server));
});
