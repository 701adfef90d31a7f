// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, use } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec, (socket) => socket.end('hello'));
  record('server', server, 'listening', 'connection', 'secureConnection');
  const port = await listen(server);
  const client = use(tls.connect({ port, host: 'localhost', family: 4,
    ca: certs.ca }, () => log.as('client')('callback')));
  record('client', client, 'lookup', 'connect', 'ready', 'secureConnect',
    'data', 'end', 'error', 'close');
  await closed(client);
  await new Promise((done) => server.close(done));
});
