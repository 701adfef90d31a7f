// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, once } = require('../program');
const { plain, closed } = require('../parts');

// Node reports it, and keeps the connection.
run(async () => {
  const server = tls.createServer({ ...certs.ec, handshakeTimeout: 50 });
  const client = plain(await listen(server));
  const [error, socket] = await once(server, 'tlsClientError');
  log('error', error);
  log('socket', socket instanceof tls.TLSSocket);
  await new Promise(setImmediate);
  log.differs('deadlines', { node: false, tlstream: true }, socket.destroyed);
  socket.destroy();
  await closed(client.resume());
});
