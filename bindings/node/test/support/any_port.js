// SPDX-License-Identifier: MIT
// Preloaded into programs that use port 8000: a server gets any free port and
// prints it, a client reads it from ANY_PORT.
'use strict';
const net = require('net');

const WRITTEN = 8000;
const { listen } = net.Server.prototype;
const { connect } = net.Socket.prototype;

net.Server.prototype.listen = function (port, ...rest) {
  if (port !== WRITTEN) return listen.call(this, port, ...rest);
  this.once('listening', () => console.log(`port ${this.address().port}`));
  return listen.call(this, 0, ...rest);
};

net.Socket.prototype.connect = function (...args) {
  const [first] = args;
  const options = Array.isArray(first) ? first[0] : first;
  if (options && options.port === WRITTEN) {
    options.port = Number(process.env.ANY_PORT);
  }
  return connect.apply(this, args);
};
