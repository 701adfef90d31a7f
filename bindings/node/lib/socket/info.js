// SPDX-License-Identifier: MIT
'use strict';

// What can be asked of a cleartext stream, and what its socket is told through
// it.

const { X509Certificate } = require('crypto');
const certificate = require('./certificate');
const { lengthOf } = require('./chunks');
const { defineMethods } = require('./define');
const errors = require('../errors/engine_errors');
const check = require('../options/validate');
const { kConnection, kOptions, kRaw, kWaiting } = require('./symbols');

const kBytes = Symbol('bytes'); // read and written, once it is closed

function keepFacts(tls) {
  const connection = tls[kConnection];
  if (!connection) return;
  tls[kBytes] = {
    read: connection.bytesRead(),
    written: connection.bytesWritten(),
  };
}

function waitingBytes(tls) {
  return [...tls[kWaiting] ?? [], ...tls._writableState.getBuffer()].reduce(
    (sum, { chunk, encoding }) => sum + lengthOf(chunk, encoding), 0);
}

// Nothing is known of a socket that is destroyed.
function openAnswer(tls, answer) {
  return tls.destroyed ? null : answer(tls[kConnection]);
}

const questions = {
  getProtocol() {
    return openAnswer(this, (connection) => connection?.protocol() ?? null);
  },

  getCipher() {
    return openAnswer(this, (connection) => connection?.cipher() ?? undefined);
  },

  getPeerCertificate(detailed) {
    return openAnswer(this, (connection) =>
      certificate.fromJson(connection?.peerCertificate(), detailed === true));
  },

  getCertificate() {
    return openAnswer(this, (connection) =>
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

  // All that is wrong with the peer, the first of it being
  // `authorizationError`.
  getAuthorizationErrors() {
    const all = this[kConnection]?.authorizationErrors() ?? [];
    return all.map((each) => errors.fromNative(each, {}));
  },

  // It is never done here (RFC 9325, section 3.5).
  renegotiate(options, callback) {
    const error = new errors.ERR_TLS_RENEGOTIATION_DISABLED();
    if (callback) process.nextTick(callback, error);
    return false;
  },

  disableRenegotiation() {},

  // What a client asks for (SNI), as long as it has not asked yet.
  setServername(name) {
    check.string(name, 'name');
    if (this[kOptions].isServer) throw new errors.ERR_TLS_SNI_FROM_SERVER();
    if (this[kConnection]) throw new errors.ERR_TLS_INVALID_STATE();
    this[kOptions].servername = name;
    this[kOptions].host = name;
    this[kOptions].checkedHost = name;
  },
};

// Settings of the socket beneath, which has the handle.
function passOn(name) {
  return function (...values) {
    const raw = this[kRaw];
    if (typeof raw[name] === 'function') raw[name](...values);
    return this;
  };
}

const settings = {
  setNoDelay: passOn('setNoDelay'),
  setKeepAlive: passOn('setKeepAlive'),
  setTypeOfService: passOn('setTypeOfService'),

  ref() {
    this[kConnection]?.keepAlive(true);
    this[kRaw].ref?.();
    return this;
  },

  unref() {
    this[kConnection]?.keepAlive(false);
    this[kRaw].unref?.();
    return this;
  },

  connect(...values) {
    this[kRaw].connect(...values);
    return this;
  },

  // A reset, for whoever must not take the end for a goodbye.
  resetAndDestroy() {
    const raw = this[kRaw];
    if (typeof raw.resetAndDestroy === 'function') raw.resetAndDestroy();
    return this.destroy(raw.connecting ? new errors.ERR_SOCKET_CLOSED() :
      undefined);
  },

  _getpeername() {
    return this[kRaw]._getpeername?.() ?? {};
  },

  _getsockname() {
    return this[kRaw]._getsockname?.() ?? {};
  },
};

const getters = {
  bytesRead() {
    return this[kConnection]?.bytesRead() ?? this[kBytes]?.read ?? 0;
  },

  bytesWritten() {
    const taken = this[kConnection]?.bytesWritten() ??
      this[kBytes]?.written ?? 0;
    return taken + waitingBytes(this);
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

module.exports = { install, keepFacts };
