// SPDX-License-Identifier: MIT
'use strict';

const { duplexPair } = require('node:stream');
const { tls, log, certs, run, listen, connect, read } = require('../program');
const { plain, upgrade } = require('../parts');

function talk(client) {
  client.write('me');
  return read(client);
}

run(async () => {
  const server = tls.createServer(certs.ec, (socket) =>
    socket.once('data', (each) => socket.end(`hello ${each}`)));
  const port = await listen(server);
  const [near, far] = duplexPair();
  server.emit('connection', far);
  log('texts', await Promise.all([connect(port), upgrade(plain(port)),
    upgrade(near)].map(talk)));
});
