// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, connect } = require('../program');
const { bytes, digest } = require('../parts');

function proxyTo(port) {
  return tls.createServer({ ...certs.ec, allowHalfOpen: true }, (near) => {
    const far = use(net.connect({ port, host: '127.0.0.1',
      allowHalfOpen: true }));
    for (const each of [near, far]) each.on('error', () => each.destroy());
    near.pipe(far);
    far.pipe(near);
  });
}

run(async () => {
  const plain = await listen(net.createServer({ allowHalfOpen: true },
    (socket) => socket.pipe(socket)));
  const client = connect(await listen(proxyTo(plain)));
  const data = bytes(2 * 1024 * 1024);
  client.end(data);
  log('the same', await digest(client) === await digest(data));
});
