// SPDX-License-Identifier: MIT
'use strict';

const http = require('node:http');
const { tls, log, certs, run, listen, connect, once } = require('../program');
const { bytes, digest } = require('../parts');

run(async () => {
  const web = http.createServer((request, response) =>
    request.pipe(response));
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    web.emit('connection', socket)));
  for (const chunked of [true, false]) {
    const data = bytes(1024 * 1024);
    const request = http.request({ method: 'POST', headers: chunked ? {} :
      { 'content-length': data.length },
    createConnection: () => connect(port) });
    request.end(data);
    const [response] = await once(request, 'response');
    log('the same', await digest(response) === await digest(data));
  }
});
