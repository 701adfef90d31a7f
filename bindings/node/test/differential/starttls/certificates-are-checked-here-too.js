// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen } = require('../program');
const { plain, request, closed, record, upgrade } = require('../parts');

run(async () => {
  const secure = use(tls.createServer(certs.ec));
  secure.on('secureConnection', (socket) => socket.on('error', () => {}));
  secure.on('tlsClientError', () => {});
  const server = net.createServer((raw) => raw.once('data', () => {
    raw.write('yes');
    secure.emit('connection', raw);
  }));
  const raw = plain(await listen(server));
  log('answer', await request(raw, 'STARTTLS'));
  const client = upgrade(raw, { servername: 'elsewhere.test' });
  record('client', client, 'secureConnect', 'error', 'close');
  await closed(client);
});
