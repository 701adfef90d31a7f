// SPDX-License-Identifier: MIT
// Node's own tls, driven by lines of JSON on stdin; answers on stdout.
// Each request has an `id`, and each answer carries the id of its request.
'use strict';

const fs = require('fs');
const readline = require('readline');
const tls = require('tls');

const servers = new Map();

function say(message) {
  process.stdout.write(JSON.stringify(message) + '\n');
}

// Paths to files become their contents.
function load(options) {
  const loaded = {...options};
  for (const name of ['key', 'cert', 'ca']) {
    if (loaded[name]) loaded[name] = fs.readFileSync(loaded[name]);
  }
  return loaded;
}

function certificate(socket) {
  const peer = socket.getPeerCertificate();
  if (!peer || !peer.subject) return null;
  const {subject, issuer, subjectaltname, valid_from, valid_to, fingerprint,
    fingerprint256, serialNumber, bits} = peer;
  return {subject, issuer, subjectaltname, valid_from, valid_to, fingerprint,
    fingerprint256, serialNumber, bits};
}

function facts(socket) {
  return {
    authorized: socket.authorized,
    authorizationError: socket.authorizationError || null,
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    alpnProtocol: socket.alpnProtocol || null,
    servername: socket.servername || null,
    peerCertificate: certificate(socket),
  };
}

const requests = {
  connect({id, options}) {
    let answered = false;
    let seen = null;
    const report = (answer) => {
      if (!answered) say({id, ...answer});
      answered = true;
    };
    const socket = tls.connect({host: '127.0.0.1', ...load(options)});
    socket.on('secureConnect', () => { seen = facts(socket); socket.end(); });
    socket.on('data', () => {});
    socket.on('error', (error) => report({error: error.code}));
    socket.on('close', () => report(seen || {error: 'closed'}));
  },

  listen({id, options, contexts}) {
    const server = tls.createServer(load(options));
    for (const [name, context] of contexts || []) {
      server.addContext(name, load(context));
    }
    server.on('secureConnection', (socket) => {
      say({id, connection: facts(socket)});
      socket.on('error', () => {});
      socket.end('welcome!\n');
      socket.resume();
    });
    server.on('tlsClientError', (error) => say({id, refused: error.code}));
    server.listen(0, '127.0.0.1', () => say({id, port: server.address().port}));
    servers.set(id, server);
  },

  close({id, server}) {
    servers.get(server).close(() => say({id}));
    servers.delete(server);
  },
};

readline.createInterface({input: process.stdin}).on('line', (line) => {
  const request = JSON.parse(line);
  requests[request.what](request);
});
