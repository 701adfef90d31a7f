// SPDX-License-Identifier: MIT
'use strict';

const events = require('node:events');
const net = require('node:net');
const stream = require('node:stream');
const { tls, log, certs, run, pair } = require('../program');

run(async () => {
  for (const socket of Object.values(await pair(certs.ec)).slice(1, 3)) {
    for (const kind of [tls.TLSSocket, net.Socket, stream.Duplex,
      stream.Readable, stream.Writable, stream.Stream, events])
      log(kind.name, socket instanceof kind);
    log('tags', Object.prototype.toString.call(socket),
      typeof socket[Symbol.asyncIterator]);
  }
});
