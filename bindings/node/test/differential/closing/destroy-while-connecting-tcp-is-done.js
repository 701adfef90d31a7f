// SPDX-License-Identifier: MIT
'use strict';

const { tls, certs, run, listen, connect } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec);
  record('server', server, 'tlsClientError');
  const client = connect(await listen(server));
  record('client', client, 'connect', 'secureConnect', 'end', 'error', 'close');
  const arrival = new Promise((done) =>
    server.once('connection', (raw) => raw.once('close', done)));
  client.once('connect', () => client.destroy());
  await Promise.all([arrival, closed(client)]);
});
