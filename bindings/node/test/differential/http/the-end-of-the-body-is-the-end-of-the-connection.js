// SPDX-License-Identifier: MIT
'use strict';

const http = require('node:http');
const { tls, log, certs, run, listen, connect, once, read } =
  require('../program');

const HEAD = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n';

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    socket.once('data', () => {
      socket.write(HEAD);
      socket.end('all of the body');
    })));
  const request = http.get({ createConnection: () => connect(port) });
  const [response] = await once(request, 'response');
  log('text', await read(response), response.complete);
});
