// SPDX-License-Identifier: MIT
'use strict';

// tls.Server: a net.Server whose connections shake hands before the program
// hears of them.

const net = require('net');
const { Hosts } = require('../socket/engine');
const {
  contextOf, createSecureContext, variant,
} = require('../options/context');
const { codedError } = require('../errors/coded_error');
const errors = require('../errors/engine_errors');
const { defineMethods } = require('../socket/define');
const hello = require('../socket/hello');
const { checkOptions } = require('../options/socket_options');
const { TLSSocket } = require('../socket/socket');

const kHosts = Symbol('hosts');
const kOwn = Symbol('own options');
const kTold = Symbol('told of the failure');

function netOptions(options) {
  return { ...options, pauseOnConnect: true };
}

function Server(options, listener) {
  if (!(this instanceof Server)) return new Server(options, listener);
  const [given, callback] = typeof options === 'function' ?
    [{}, options] : [options ?? {}, listener];
  if (typeof given !== 'object') {
    throw new errors.ERR_INVALID_ARG_TYPE('options', 'Object', options);
  }
  net.Server.call(this, netOptions(given), onConnection);
  this.pauseOnConnect = true; // the engine reads, not Node
  this[kOwn] = { ...checkOptions(null, { ...given, isServer: true,
    secureContext: createSecureContext(given) }), server: this };
  this._sharedCreds = this[kOwn].secureContext;
  this[kHosts] = null;
  if (callback) this.on('secureConnection', callback);
}
Object.setPrototypeOf(Server.prototype, net.Server.prototype);
Object.setPrototypeOf(Server, net.Server);

// A connection that fails before it is secure is the server's to tell of.
function onFailure(error) {
  if (this[kTold]) return;
  this[kTold] = true;
  this._tlsOptions.server.emit('tlsClientError', error, this);
}

function hangUp() {
  return codedError('ECONNRESET', 'socket hang up');
}

function onEarlyClose() {
  if (this[kTold] || this._secureEstablished) return;
  onFailure.call(this, hangUp());
}

function onSecure() {
  this.removeListener('error', onFailure);
  this._tlsOptions.server.emit('secureConnection', this);
}

// `raw` is a connection that was accepted, or any Duplex that the program has
// emitted this event with.
function onConnection(raw) {
  const socket = new TLSSocket(raw, this[kOwn]);
  socket.on('error', onFailure);
  socket.on('close', onEarlyClose);
  socket.on('secure', onSecure);
}

const methods = {
  // New connections get these credentials; those that are open keep theirs.
  // On failure nothing changes.
  setSecureContext(options) {
    if (options === null || typeof options !== 'object') {
      throw new errors.ERR_INVALID_ARG_TYPE('options', 'Object', options);
    }
    const context = createSecureContext(options);
    variant(context, hello.policyOf(this[kOwn]));
    this[kOwn] = { ...this[kOwn], secureContext: context };
    this._sharedCreds = context;
  },

  // Serve clients that ask for `hostname`, in which `*` stands for a label.
  addContext(hostname, credentials) {
    if (!hostname) throw new errors.ERR_TLS_REQUIRED_SERVER_NAME();
    const context = contextOf(credentials) ?? createSecureContext(credentials);
    this[kHosts] ??= new Hosts();
    this[kHosts].add(hostname, variant(context, hello.policyOf(this[kOwn])));
  },

  hasContexts() {
    return this[kHosts] !== null;
  },

  findContext(servername) {
    return this[kHosts]?.find(servername) ?? null;
  },
};

// What an async listener rejects with is its connection's error, if the program
// has asked for that (events.captureRejections).
const kRejection = Symbol.for('nodejs.rejection');
methods[kRejection] = function (error, event, ...values) {
  if (event === 'secureConnection') {
    values[0].destroy(error);
  } else {
    net.Server.prototype[kRejection].call(this, error, event, ...values);
  }
};

defineMethods(Server, methods);

// How many connections there are, those in the handshake included.
Object.defineProperty(Server.prototype, 'connections', {
  get() { return this._connections; },
  set() {},
  configurable: true,
});

function createServer(options, listener) {
  return new Server(options, listener);
}

module.exports = { Server, createServer };
