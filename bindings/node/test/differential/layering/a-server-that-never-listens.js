// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, connect, once, read } =
  require('../program');

run(async () => {
  const secure = use(tls.createServer(certs.ec));
  const server = net.createServer((raw) => secure.emit('connection', raw));
  const client = connect(await listen(server));
  const [socket] = await once(secure, 'secureConnection');
  log('listening', secure.listening, secure.address());
  socket.end('hello');
  log('text', await read(client));
});
