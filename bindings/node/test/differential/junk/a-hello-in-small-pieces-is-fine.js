// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, listen, connect, read } = require('../program');
const { plain } = require('../parts');

// Each byte in a segment of its own, one loop turn apart.
function trickle(near, far) {
  near.on('data', async (data) => {
    near.pause();
    for (const byte of data) {
      far.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    near.resume();
  });
}

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    socket.end('hello')));
  const relay = net.createServer((near) => {
    const far = plain(port).setNoDelay();
    trickle(near, far);
    far.pipe(near);
  });
  log('text', await read(connect(await listen(relay))));
});
