// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, listen, connect, read } = require('../program');
const { plain } = require('../parts');

run(async () => {
  const secure = await listen(tls.createServer(certs.ec, (socket) => {
    socket.setEncoding('utf8');
    socket.on('data', (text) => socket.write(text.toUpperCase()));
  }));
  const server = net.createServer({ allowHalfOpen: true }, (near) => {
    const far = connect(secure);
    far.pipe(near);
    near.pipe(far);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  const client = plain(await listen(server));
  client.end('shout');
  log('text', await read(client));
});
