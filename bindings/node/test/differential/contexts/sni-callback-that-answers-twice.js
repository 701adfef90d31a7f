// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

function SNICallback(servername, callback) {
  callback(null, null);
  callback(null, null);
}

run(async () => {
  const server = tls.createServer({ ...certs.ec, SNICallback });
  const port = await listen(server);
  const refused = once(server, 'tlsClientError');
  const client = connect(port);
  client.on('error', () => {});
  const [error] = await refused;
  log('tlsClientError', error);
});
