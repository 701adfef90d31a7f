// SPDX-License-Identifier: MIT
// Loaded before a program of the documentation of 2011: port 8000 may be taken,
// so that the system is asked for one, which is printed on a line.
'use strict';
const net = require('net');
const { listen } = net.Server.prototype;

net.Server.prototype.listen = function (port, ...rest) {
  this.once('listening', () => console.log(`port ${this.address().port}`));
  return listen.call(this, 0, ...rest);
};
