// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { PassThrough } = require('node:stream');
const { tls, log, run, use, listen, once } = require('../program');
const { closed, plain } = require('../parts');

// Their errors have no listener, and the process goes on.
run(async () => {
  for (const isServer of [false, true]) {
    use(new tls.TLSSocket(new PassThrough(), { isServer }));
    use(new tls.TLSSocket(undefined, { isServer }));
    const garbage = new PassThrough();
    use(new tls.TLSSocket(garbage, { isServer }));
    garbage.write('this is no TLS at all');
  }
  const server = net.createServer((raw) => {
    raw.on('error', () => {});
    raw.end('nor is this');
  });
  const raw = plain(await listen(server));
  await once(raw, 'connect');
  const socket = use(new tls.TLSSocket(raw, { servername: 'localhost' }));
  socket._start();
  await closed(socket);
  log('still here');
});
