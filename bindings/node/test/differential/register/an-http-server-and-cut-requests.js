// SPDX-License-Identifier: MIT
// with: register
'use strict';

const http = require('node:http');
const { tls, log, certs, run, listen, once } = require('../program');
const { closed, relay } = require('../parts');

const HEADERS = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n';

async function cut(server, web, passage, text) {
  const arrival = once(server, 'secureConnection');
  const client = tls.connect({ port: passage.port, host: 'localhost',
    ca: certs.ca });
  client.on('error', () => {}).write(text);
  const [socket] = await arrival;
  web.emit('connection', socket);
  socket.on('error', (error) => log('error', error));
  socket.on('close', (hadError) => log('close', hadError));
  while (socket.bytesRead < text.length) await once(socket, 'data');
  passage.far.end();
  await closed(socket);
  client.destroy();
}

run(async () => {
  const web = http.createServer((request) => {
    request.on('error', (error) => log('request', error)).resume();
  });
  web.on('clientError', (error, socket) => {
    log('clientError', error);
    socket.destroy();
  });
  const server = tls.createServer(certs.ec);
  const passage = await relay(await listen(server));
  await cut(server, web, passage, HEADERS);
  await cut(server, web, passage, `${HEADERS}half of it`);
  await cut(server, web, passage, 'GET / HT');
});
