// SPDX-License-Identifier: MIT
'use strict';

// What Node's sockets have besides their documentation, and drivers of
// databases, proxies and clients of HTTP call: _start(), _releaseControl(),
// `ssl`, `_handle` and the event '_tlsError'.

const { defineMethods } = require('./define');
const { makeHandle } = require('./handle');
const { start } = require('./handshake');
const { kUnderlying } = require('./symbols');

const kHandle = Symbol('handle');

const methods = {
  // Without it the handshake begins by itself.
  _start() {
    start(this);
  },

  // As in Node, a socket that a program has made by itself has a listener for
  // 'error' until it gives it up: one that is forgotten does not end the
  // process.
  _releaseControl() {
    if (this._controlReleased) return false;
    this._controlReleased = true;
    this.removeListener('error', this._tlsError);
    return true;
  },

  _tlsError(error) {
    this.emit('_tlsError', error);
    return this._controlReleased ? error : null;
  },

  _emitTLSError(error) {
    if (this._tlsError(error)) this.destroy(error);
    else this.destroy();
  },

  _destroySSL() {},
};

// null before there is a connection, and after it.
function handle() {
  if (this.destroyed || !this[kUnderlying]) return null;
  return this[kHandle] ??= makeHandle(this);
}

function install(TLSSocket) {
  defineMethods(TLSSocket, methods);
  for (const name of ['_handle', 'ssl']) {
    Object.defineProperty(TLSSocket.prototype, name,
      { get: handle, set() {}, configurable: true });
  }
}

module.exports = { install };
