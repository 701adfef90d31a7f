// SPDX-License-Identifier: MIT
'use strict';

const http = require('node:http');
const net = require('node:net');
const { tls, log, certs, run, use, listen, once, read } =
  require('../program');

function proxy() {
  return http.createServer().on('connect', (request, near) => {
    log.as('proxy')('host', request.url.split(':')[0]);
    const [, port] = request.url.split(':');
    const far = use(net.connect(port, '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      near.pipe(far).pipe(near);
    }));
    for (const each of [near, far]) each.on('error', () => {});
  });
}

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    socket.end('behind the proxy')));
  const request = http.request({ port: await listen(proxy()), method: 'CONNECT',
    host: '127.0.0.1', path: `localhost:${port}` }).end();
  const [response, socket] = await once(request, 'connect');
  log('status', response.statusCode);
  const client = use(tls.connect({ socket, ca: certs.ca,
    servername: 'localhost' }));
  await once(client, 'secureConnect');
  log('authorized', client.authorized);
  log('text', await read(client));
});
