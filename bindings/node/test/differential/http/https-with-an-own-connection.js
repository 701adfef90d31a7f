// SPDX-License-Identifier: MIT
'use strict';

const https = require('node:https');
const http = require('node:http');
const { tls, log, certs, run, listen, connect, once, read } =
  require('../program');

run(async () => {
  const web = http.createServer((request, response) =>
    response.end(`you asked for ${request.url}`));
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    web.emit('connection', socket)));
  const request = https.get({ port, path: '/x',
    createConnection: () => connect(port) });
  const [response] = await once(request, 'response');
  log('text', await read(response));
});
