// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once, read } =
  require('../program');
const { plain } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec, (socket) => socket.end('hello'));
  server.on('tlsClientError', ({ code }) => { throw new Error(code); });
  const port = await listen(server);
  plain(port).resume().end('GET / HTTP/1.0\r\n\r\n');
  const [error] = await once(process, 'uncaughtException');
  log('caught', error.message);
  log('still there', await read(connect(port)));
});
