// SPDX-License-Identifier: MIT
'use strict';

const http = require('node:http');
const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const web = http.createServer();
  web.on('clientError', () => {});
  const port = await listen(tls.createServer(certs.ec, (socket) => {
    socket.on('error', () => {});
    web.emit('connection', socket);
  }));
  const request = http.get({ createConnection: () => connect(port) });
  request.on('error', (error) => log('request', error));
  const [asked, response] = await once(web, 'request');
  request.destroy();
  await once(response, 'close');
  log('server side', asked.aborted, response.writableFinished);
});
