// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, once, read } = require('../program');
const { plain, request, upgrade } = require('../parts');

run(async () => {
  const secure = use(tls.createServer(certs.ec, (socket) => {
    log.as('server')('name', socket.servername);
    socket.pipe(socket);
  }));
  const server = net.createServer((raw) => raw.once('data', () => {
    raw.write('yes');
    secure.emit('connection', raw);
  }));
  const raw = plain(await listen(server));
  log('answer', await request(raw, 'may I?'));
  const client = upgrade(raw);
  client.end('now nobody listens');
  log('text', await read(client));
});
