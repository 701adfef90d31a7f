// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, once } = require('../program');
const { plain, closed } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec);
  const client = plain(await listen(server));
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [error, socket] = await once(server, 'tlsClientError');
  log('error', error, error.library, error.reason);
  log('socket', socket instanceof tls.TLSSocket, socket.servername);
  await closed(client.resume());
});
