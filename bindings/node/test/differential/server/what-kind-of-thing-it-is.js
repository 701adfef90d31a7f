// SPDX-License-Identifier: MIT
'use strict';

const events = require('node:events');
const net = require('node:net');
const { tls, log, certs, run, pair } = require('../program');

run(async () => {
  const { server, socket } = await pair(certs.ec);
  log('server', server instanceof tls.Server, server instanceof net.Server,
    server instanceof events, server.constructor.name);
  log('without new', tls.Server(certs.ec) instanceof tls.Server);
  log('with new', new tls.Server(certs.ec) instanceof net.Server);
  log('socket', socket instanceof tls.TLSSocket, socket.constructor.name);
  log('names', tls.Server.name, tls.TLSSocket.name, typeof tls.connect);
});
