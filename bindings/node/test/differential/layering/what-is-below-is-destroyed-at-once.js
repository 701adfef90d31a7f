// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, once } = require('../program');
const { closed, plain, collect } = require('../parts');

// Before the handshake has begun. What is opened next gets the descriptor.
run(async () => {
  const server = net.createServer((each) => each.on('error', () => {}));
  const port = await listen(server);
  for (const isServer of [false, true]) {
    const raw = plain(port);
    await once(raw, 'connect');
    const socket = use(new tls.TLSSocket(raw, { isServer, ...certs.ec,
      servername: 'localhost' }));
    const seen = collect(socket, 'error', 'close');
    raw.destroy();
    const next = plain(port);
    await once(next, 'connect');
    await closed(socket);
    log(isServer ? 'server' : 'client', seen, next.destroyed);
    const twice = [0, 1].map(() => use(new tls.TLSSocket(next,
      { ca: certs.ca, servername: 'localhost' })));
    next.destroy();
    await closed(...twice);
    log('twice', twice.map((each) => each.destroyed));
  }
});
