// SPDX-License-Identifier: MIT
'use strict';

const net = require('net');
const { checkOptions } = require('../options/socket_options');
const { TLSSocket } = require('../socket/socket');

// The options of net.connect().
const NET_OPTIONS = ['host', 'port', 'path', 'localAddress', 'localPort',
  'family', 'hints', 'lookup', 'noDelay', 'keepAlive', 'keepAliveInitialDelay',
  'autoSelectFamily', 'autoSelectFamilyAttemptTimeout', 'blockList',
  'allowHalfOpen'];

function pick(options, names) {
  const result = {};
  for (const name of names) {
    if (options[name] !== undefined) result[name] = options[name];
  }
  return result;
}

// The host whose name is checked if no servername is given; Node's default is
// localhost.
function withHost(options) {
  const host = options.host ?? options.socket?._host ?? 'localhost';
  return options.path !== undefined && options.host === undefined ?
    { ...options, host: 'localhost' } : { ...options, host };
}

// All options are checked before a connection is attempted.
function open(options) {
  const checked = checkOptions(options.socket, { ...withHost(options),
    isServer: false });
  if (options.socket) return new TLSSocket(options.socket, checked);
  const underlying = net.connect(pick(options, NET_OPTIONS));
  try {
    return new TLSSocket(underlying, checked);
  } catch (error) {
    underlying.on('error', () => {}); // the exception reports it
    underlying.destroy();
    throw error;
  }
}

// `options` are those of connectArguments() in arguments.js.
function connect(options, callback) {
  const socket = open(options);
  socket.on('secure', () => socket.emit('secureConnect'));
  if (callback) socket.once('secureConnect', callback);
  if (options.timeout) socket.setTimeout(options.timeout);
  return socket;
}

module.exports = { connect };
