// SPDX-License-Identifier: MIT
'use strict';

const http = require('node:http');
const { tls, log, certs, run, listen, connect, once } = require('../program');

async function text(response) {
  let all = '';
  for await (const each of response.setEncoding('utf8')) all += each;
  return all;
}

run(async () => {
  const web = http.createServer((request, response) => {
    log.as('server')(request.method, request.url, request.socket.encrypted,
      request.headers.host);
    response.setHeader('x-protocol', request.socket.getProtocol());
    response.end('hello over TLS');
  });
  const server = tls.createServer(certs.ec, (socket) =>
    web.emit('connection', socket));
  const port = await listen(server);
  const request = http.get({ host: 'localhost', path: '/page',
    createConnection: () => connect(port) });
  const [response] = await once(request, 'response');
  log('status', response.statusCode, response.headers['x-protocol']);
  log('text', await text(response), request.socket.authorized);
});
