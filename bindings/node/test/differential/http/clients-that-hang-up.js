// SPDX-License-Identifier: MIT
'use strict';

const http = require('node:http');
const { tls, log, certs, run, listen, once } = require('../program');
const { closed, relay } = require('../parts');

// A keep-alive client gets its answer, and closes without close_notify.
run(async () => {
  const web = http.createServer((request, response) => response.end('hello'));
  web.on('clientError', (error) => log('clientError', error));
  const server = tls.createServer(certs.ec);
  const passage = await relay(await listen(server));
  for (let i = 0; i < 3; i++) {
    const arrival = once(server, 'secureConnection');
    const client = tls.connect({ port: passage.port, host: 'localhost',
      ca: certs.ca });
    client.on('error', () => {}).write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const [socket] = await arrival;
    web.emit('connection', socket);
    socket.on('close', (hadError) => log('close', hadError));
    await once(client, 'data');
    passage.far.end();
    await closed(socket);
    client.destroy();
  }
});
