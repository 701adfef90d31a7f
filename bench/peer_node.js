// SPDX-License-Identifier: MIT
// node:tls with the same command line: node peer_node.js MODE CERT KEY
// TLS_MODULE is another module of the same shape: the path of bindings/node.
'use strict';
const fs = require('node:fs');
const tls = require(process.env.TLS_MODULE || 'node:tls');

const bulkBytes = Buffer.alloc(64 * 1024);

function echo(socket) {
  socket.on('data', (bytes) => {
    if (!socket.write(bytes)) socket.pause();
  });
  socket.on('drain', () => socket.resume());
}

function bulk(socket) {
  const fill = () => {
    while (!socket.destroyed && socket.write(bulkBytes));
  };
  socket.on('drain', fill);
  socket.resume(); // or the end of the client goes unseen
  fill();
}

function sink(socket) {
  socket.on('data', () => {});
}

const modes = { echo, handshake: echo, bulk, sink };
const [mode, cert, key] = process.argv.slice(2);
if (!modes[mode] || !key) {
  console.error('usage: peer_node.js echo|handshake|bulk|sink CERT KEY');
  process.exit(2);
}

const server = tls.createServer({
  cert: fs.readFileSync(cert),
  key: fs.readFileSync(key),
  noDelay: true,
});
server.on('secureConnection', (socket) => {
  socket.on('error', () => {}); // a client that disconnects is expected here
  modes[mode](socket);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  const { versions } = process;
  console.log(`port ${server.address().port} OpenSSL ${versions.openssl} ` +
              `in Node ${versions.node}`);
});
process.stdin.on('end', () => process.exit(0)).resume();
