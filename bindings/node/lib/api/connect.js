// SPDX-License-Identifier: MIT
'use strict';

const net = require('net');
const { checkOptions } = require('../options/socket_options');
const { TLSSocket } = require('../socket/socket');

// What belongs to the connection beneath, and not to TLS.
const OF_NET = ['host', 'port', 'path', 'localAddress', 'localPort', 'family',
  'hints', 'lookup', 'noDelay', 'keepAlive', 'keepAliveInitialDelay',
  'autoSelectFamily', 'autoSelectFamilyAttemptTimeout', 'blockList',
  'allowHalfOpen'];

function pick(options, names) {
  const result = {};
  for (const name of names) {
    if (options[name] !== undefined) result[name] = options[name];
  }
  return result;
}

// The name to check where none is given: that of the host, or what the page
// says a client connects to.
function withHost(options) {
  const host = options.host ?? options.socket?._host ?? 'localhost';
  return options.path !== undefined && options.host === undefined ?
    { ...options, host: 'localhost' } : { ...options, host };
}

// Nothing is dialed before all options are known to be right.
function open(options) {
  const own = checkOptions(options.socket, { ...withHost(options),
    isServer: false });
  if (options.socket) return new TLSSocket(options.socket, own);
  const raw = net.connect(pick(options, OF_NET));
  try {
    return new TLSSocket(raw, own);
  } catch (error) {
    raw.on('error', () => {}); // the exception tells enough
    raw.destroy();
    throw error;
  }
}

// `options` are complete: see arguments.js.
function connect(options, callback) {
  const socket = open(options);
  socket.on('secure', () => socket.emit('secureConnect'));
  if (callback) socket.once('secureConnect', callback);
  if (options.timeout) socket.setTimeout(options.timeout);
  return socket;
}

module.exports = { connect };
