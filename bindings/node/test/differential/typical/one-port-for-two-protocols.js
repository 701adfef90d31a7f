// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, connect, read } =
  require('../program');
const { plain } = require('../parts');

const HANDSHAKE = 22;

// TLS begins with a byte that no text begins with.
function both(secure, answer) {
  return net.createServer((raw) => raw.once('data', (first) => {
    raw.pause();
    raw.unshift(first);
    if (first[0] === HANDSHAKE) secure.emit('connection', raw);
    else answer(raw, 'plain');
    process.nextTick(() => raw.resume());
  }));
}

function answer(socket, kind) {
  socket.once('data', (each) => socket.end(`${each} over ${kind}`));
}

run(async () => {
  const secure = use(tls.createServer(certs.ec, (socket) =>
    answer(socket, 'TLS')));
  const port = await listen(both(secure, answer));
  for (const client of [connect(port), plain(port), connect(port)]) {
    client.write('hello');
    log('text', await read(client));
  }
});
