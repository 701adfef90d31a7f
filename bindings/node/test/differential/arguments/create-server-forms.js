// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run } = require('../program');

function listener() {}

function describe(label, server) {
  log(label, server instanceof tls.Server, server instanceof net.Server,
    server.listenerCount('secureConnection'), server.listening);
}

run(async () => {
  describe('nothing', tls.createServer());
  describe('a listener', tls.createServer(listener));
  describe('options', tls.createServer(certs.ec));
  describe('both', tls.createServer(certs.ec, listener));
  describe('null', tls.createServer(null, listener));
  describe('new', new tls.Server(certs.ec, listener));
  describe('called', tls.Server(certs.ec, listener));
});
