// SPDX-License-Identifier: MIT
'use strict';

const http = require('node:http');
const { tls, log, certs, run, use, listen, connect, once, read } =
  require('../program');

run(async () => {
  const web = http.createServer();
  web.on('upgrade', (request, socket, head) => {
    log.as('server')('upgrade', request.headers.upgrade, head.length);
    socket.write('HTTP/1.1 101 Switching Protocols\r\n' +
      'Upgrade: echo\r\nConnection: Upgrade\r\n\r\n');
    socket.pipe(socket);
  });
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    web.emit('connection', socket)));
  const request = http.get({ headers: { connection: 'Upgrade',
    upgrade: 'echo' }, createConnection: () => connect(port) });
  const [response, socket] = await once(request, 'upgrade');
  log('status', response.statusCode, socket instanceof tls.TLSSocket);
  use(socket).end('no http any more');
  log('text', await read(socket));
});
