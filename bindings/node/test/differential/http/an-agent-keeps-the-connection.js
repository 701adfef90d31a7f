// SPDX-License-Identifier: MIT
'use strict';

const http = require('node:http');
const { tls, log, certs, run, use, listen, connect, once } =
  require('../program');

class Agent extends http.Agent {
  createConnection({ port }) {
    return connect(port);
  }
}

run(async () => {
  let connections = 0;
  const web = http.createServer((request, response) => response.end('ok'));
  const port = await listen(tls.createServer(certs.ec, (socket) => {
    connections++;
    web.emit('connection', socket);
  }));
  const agent = use(new Agent({ keepAlive: true, maxSockets: 1 }));
  for (let i = 0; i < 3; i++) {
    const request = http.get({ port, agent });
    const [response] = await once(request, 'response');
    log('reused', request.reusedSocket);
    await once(response.resume(), 'end');
    await new Promise(setImmediate);
  }
  log('connections', connections);
});
