// SPDX-License-Identifier: MIT
'use strict';

// The methods and properties of a TLSSocket that give information about the
// connection, or pass settings on to the stream that it runs over.

const { X509Certificate } = require('crypto');
const certificate = require('./certificate');
const { lengthOf } = require('./chunks');
const { defineMethods } = require('./define');
const errors = require('../errors/engine_errors');
const hello = require('./hello');
const { toASCII, toSni } = require('../options/names');
const check = require('../options/validate');
const { kConnection, kOptions, kUnderlying, kWaiting } = require('./symbols');

const kCounters = Symbol('counters'); // of a connection that has closed

function saveCounters(tls) {
  const connection = tls[kConnection];
  if (!connection) return;
  tls[kCounters] = {
    read: connection.bytesRead(),
    written: connection.bytesWritten(),
  };
}

function waitingBytes(tls) {
  return [...tls[kWaiting] ?? [], ...tls._writableState.getBuffer()].reduce(
    (sum, { chunk, encoding }) => sum + lengthOf(chunk, encoding), 0);
}

// null once the socket is destroyed.
function askConnection(tls, question) {
  return tls.destroyed ? null : question(tls[kConnection]);
}

const questions = {
  getProtocol() {
    return askConnection(this, (connection) => connection?.protocol() ?? null);
  },

  getCipher() {
    return askConnection(this,
      (connection) => connection?.cipher() ?? undefined);
  },

  getPeerCertificate(detailed) {
    return askConnection(this, (connection) =>
      certificate.fromJson(connection?.peerCertificate(), detailed === true));
  },

  getCertificate() {
    return askConnection(this, (connection) =>
      certificate.fromJson(connection?.ownCertificate(), false));
  },

  getPeerX509Certificate() {
    const raw = this.getPeerCertificate()?.raw;
    return raw && new X509Certificate(raw);
  },

  getX509Certificate() {
    const raw = this.getCertificate()?.raw;
    return raw && new X509Certificate(raw);
  },

  // Every fault of the peer's certificate; `authorizationError` is the first.
  getAuthorizationErrors() {
    const all = this[kConnection]?.authorizationErrors() ?? [];
    return all.map((each) => errors.fromNative(each, {}));
  },

  // The engine never renegotiates (RFC 9325, section 3.5).
  renegotiate(options, callback) {
    const error = new errors.ERR_TLS_RENEGOTIATION_DISABLED();
    if (callback) process.nextTick(callback, error);
    return false;
  },

  disableRenegotiation() {},

  // In ALPNCallback: the context of this connection.
  setKeyCert(context) {
    hello.setKeyCert(this, context);
  },

  // The name that a client will ask for (SNI), before the handshake begins.
  setServername(name) {
    check.string(name, 'name');
    if (this[kOptions].isServer) throw new errors.ERR_TLS_SNI_FROM_SERVER();
    if (this[kConnection]) throw new errors.ERR_TLS_INVALID_STATE();
    this[kOptions].servername = toSni(name);
    this[kOptions].host = toASCII(name);
    this[kOptions].checkedHost = name;
  },
};

// Settings that the underlying socket has, because it has the handle.
function passOn(name) {
  return function (...values) {
    const underlying = this[kUnderlying];
    if (typeof underlying[name] === 'function') underlying[name](...values);
    return this;
  };
}

const settings = {
  setNoDelay: passOn('setNoDelay'),
  setKeepAlive: passOn('setKeepAlive'),
  setTypeOfService: passOn('setTypeOfService'),

  ref() {
    this[kConnection]?.keepAlive(true);
    this[kUnderlying].ref?.();
    return this;
  },

  unref() {
    this[kConnection]?.keepAlive(false);
    this[kUnderlying].unref?.();
    return this;
  },

  connect(...values) {
    this[kUnderlying].connect(...values);
    return this;
  },

  // A reset shows the peer that the connection did not end by agreement.
  resetAndDestroy() {
    const underlying = this[kUnderlying];
    if (typeof underlying.resetAndDestroy === 'function') {
      underlying.resetAndDestroy();
    }
    return this.destroy(underlying.connecting ? new errors.ERR_SOCKET_CLOSED() :
      undefined);
  },

  _getpeername() {
    return this[kUnderlying]._getpeername?.() ?? {};
  },

  _getsockname() {
    return this[kUnderlying]._getsockname?.() ?? {};
  },
};

const getters = {
  bytesRead() {
    return this[kConnection]?.bytesRead() ?? this[kCounters]?.read ?? 0;
  },

  bytesWritten() {
    const accepted = this[kConnection]?.bytesWritten() ??
      this[kCounters]?.written ?? 0;
    return accepted + waitingBytes(this);
  },

  bufferSize() {
    return this.writableLength;
  },

  pending() {
    return this.destroyed || this.connecting;
  },

  _host() {
    return this[kOptions].host;
  },
};

function install(TLSSocket) {
  defineMethods(TLSSocket, { ...questions, ...settings });
  for (const [name, get] of Object.entries(getters)) {
    Object.defineProperty(TLSSocket.prototype, name,
      { get, set() {}, enumerable: true, configurable: true });
  }
}

module.exports = { install, saveCounters };
