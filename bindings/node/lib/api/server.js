// SPDX-License-Identifier: MIT
'use strict';

// tls.Server: a net.Server that emits 'secureConnection' when the handshake of
// a connection is done.

const { randomBytes } = require('crypto');
const net = require('net');
const { Hosts } = require('../socket/engine');
const {
  contextOf, createSecureContext, variant,
} = require('../options/context');
const { codedError } = require('../errors/coded_error');
const errors = require('../errors/engine_errors');
const { defineMethods } = require('../socket/define');
const hello = require('../socket/hello');
const { TICKET_KEYS, ticketKeys } = require('../options/context_options');
const { checkOptions, withChanges } = require('../options/socket_options');
const { TLSSocket } = require('../socket/socket');

const kHosts = Symbol('hosts');
const kConnectionOptions = Symbol('connection options');
const kEmitted = Symbol('tlsClientError emitted');
const kTicketKeys = Symbol('ticket keys');

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
  this[kConnectionOptions] = checkOptions(null, { ...given, isServer: true,
    secureContext: createSecureContext(given), server: this });
  this._sharedCreds = this[kConnectionOptions].secureContext;
  this[kHosts] = null;
  if (callback) this.on('secureConnection', callback);
}
Object.setPrototypeOf(Server.prototype, net.Server.prototype);
Object.setPrototypeOf(Server, net.Server);

// The server emits the error of a connection that fails before it is secure.
function onFailure(error) {
  if (this[kEmitted]) return;
  this[kEmitted] = true;
  this._tlsOptions.server.emit('tlsClientError', error, this);
}

function hangUpError() {
  return codedError('ECONNRESET', 'socket hang up');
}

function onEarlyClose() {
  if (this[kEmitted] || this._secureEstablished) return;
  onFailure.call(this, hangUpError());
}

function onSecure() {
  this.removeListener('error', onFailure);
  this._tlsOptions.server.emit('secureConnection', this);
}

// `underlying` is an accepted connection, or any Duplex that the program has
// emitted 'connection' with.
function onConnection(underlying) {
  const socket = new TLSSocket(underlying, this[kConnectionOptions]);
  socket.on('error', onFailure);
  socket.on('close', onEarlyClose);
  socket.on('secure', onSecure);
}

const methods = {
  // For new connections; open ones keep their credentials. After an exception
  // nothing has changed.
  setSecureContext(options) {
    if (options === null || typeof options !== 'object') {
      throw new errors.ERR_INVALID_ARG_TYPE('options', 'Object', options);
    }
    const context = createSecureContext(options);
    variant(context, hello.policyOf(this[kConnectionOptions]));
    this[kConnectionOptions] =
      withChanges(this[kConnectionOptions], { secureContext: context });
    this._sharedCreds = context;
  },

  // The credentials for clients that ask for `hostname`; `*` stands for a
  // label.
  addContext(hostname, credentials) {
    if (!hostname) throw new errors.ERR_TLS_REQUIRED_SERVER_NAME();
    const context = contextOf(credentials) ?? createSecureContext(credentials);
    this[kHosts] ??= new Hosts();
    this[kHosts].add(hostname,
      variant(context, hello.policyOf(this[kConnectionOptions])));
  },

  // There are no tickets yet: the keys are kept, and have no effect.
  getTicketKeys() {
    this[kTicketKeys] ??= randomBytes(TICKET_KEYS);
    return Buffer.from(this[kTicketKeys]);
  },

  setTicketKeys(keys) {
    this[kTicketKeys] = Buffer.from(ticketKeys(keys, 'buffer'));
  },

  hasContexts() {
    return this[kHosts] !== null;
  },

  findContext(servername) {
    return this[kHosts]?.find(servername) ?? null;
  },
};

// With events.captureRejections, the rejection of an async listener becomes the
// error of its connection.
const kRejection = Symbol.for('nodejs.rejection');
methods[kRejection] = function (error, event, ...values) {
  if (event === 'secureConnection') {
    values[0].destroy(error);
  } else {
    net.Server.prototype[kRejection].call(this, error, event, ...values);
  }
};

defineMethods(Server, methods);

// The number of connections, including those in their handshake.
Object.defineProperty(Server.prototype, 'connections', {
  get() { return this._connections; },
  set() {},
  configurable: true,
});

function createServer(options, listener) {
  return new Server(options, listener);
}

module.exports = { Server, createServer };
