// SPDX-License-Identifier: MIT
'use strict';

const http = require('node:http');
const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    socket.once('data', () => socket.end())));
  const request = http.get({ createConnection: () => connect(port) });
  const error = await new Promise((done) => request.once('error', done));
  log.message(error);
});
