// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen } = require('../program');

const FORMS = {
  'port and host': [0, '127.0.0.1'],
  'port in an object': [{ port: 0, host: '127.0.0.1' }],
  'port, host and backlog': [0, '127.0.0.1', 5],
  'port as text': ['0', '127.0.0.1'],
  'a path': ['./socket'],
  'a path in an object': [{ path: './other-socket' }],
  'nothing': [],
};

run(async () => {
  for (const [name, where] of Object.entries(FORMS)) {
    const server = tls.createServer(certs.ec);
    let called = false;
    const ready = new Promise((done) => server.once('listening', done));
    log('itself', server.listen(...where, () => { called = true; }) === server);
    await ready;
    log(name, called, server.listening, server.address());
    server.close();
  }
});
