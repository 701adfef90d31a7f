// SPDX-License-Identifier: MIT
'use strict';

// TLSSocket: a net.Socket whose bytes come from and go to the engine instead of
// a handle. Reading, writing and closing are here; information about the
// connection is in info.js, the handshake in handshake.js.

const { AsyncResource } = require('async_hooks');
const net = require('net');
const { addAbortSignal } = require('stream');
const { bytesOf } = require('./chunks');
const { defineMethods } = require('./define');
const {
  errorName, kTransport, kClose, kData, kEnd, kError, kFlushed, kHello, kSecure,
} = require('./engine');
const errors = require('../errors/engine_errors');
const { saveCounters } = require('./info');
const onread = require('./onread');
const handshake = require('./handshake');
const {
  checkOptions, handMade, isChecked,
} = require('../options/socket_options');
const {
  kCause, kConnection, kOptions, kUnderlying, kWaiting,
} = require('./symbols');

const kCallback = Symbol('callback'); // of the write or the end in progress
const kFailed = Symbol('failed'); // the engine has reported an error
const kFinishClose = Symbol('finish close');
const kHadError = Symbol('had error');
const kLastQueue = Symbol('last queue');
const kLingering = Symbol('lingering'); // the timer that ends it
const kLingers = Symbol('lingers'); // once it is destroyed
const kOnread = Symbol('onread');
const kClosed = Symbol('closed'); // the engine has closed
const kPaused = Symbol('paused');
const kPending = Symbol('pending'); // the action that waits for the connection
const kRest = Symbol('rest'); // received, and not passed to `onread` yet
const kStop = Symbol('stop');

// For a peer that takes nothing of what has left.
const LINGER_MS = 60000;

function TLSSocket(socket, options) {
  if (!(this instanceof TLSSocket)) return new TLSSocket(socket, options);
  const isHandMade = !isChecked(options);
  const given = checkOptions(socket, options);
  const checked = isHandMade ? handMade(given) : given;
  net.Socket.call(this, {
    allowHalfOpen: socket ? socket.allowHalfOpen : checked.allowHalfOpen,
    highWaterMark: checked.highWaterMark,
  });
  this[kOptions] = checked;
  this[kConnection] = null;
  this[kCallback] = null;
  this[kPending] = null;
  this[kPaused] = false;
  this[kClosed] = false;
  this._controlReleased = !isHandMade;
  handshake.setInitialProperties(this, checked);
  if (isHandMade) this.on('error', this._tlsError);
  handshake.attach(this, socket);
  if (checked.signal !== undefined) addAbortSignal(checked.signal, this);
}
Object.setPrototypeOf(TLSSocket.prototype, net.Socket.prototype);
Object.setPrototypeOf(TLSSocket, net.Socket);

const methods = {
  // The engine's events.

  [kHello](servername, offered) {
    handshake.chooseContext(this, servername, offered);
  },

  [kSecure]() {
    handshake.finish(this);
  },

  [kData](bytes) {
    if (this.destroyed) return;
    this._unrefTimer();
    if (this[kOptions].onread) this[kOnread](bytes);
    else if (!this.push(bytes)) this[kStop]();
  },

  [kStop]() {
    this[kPaused] = true;
    this[kConnection]?.pause();
  },

  // With `onread`, resume() and pause() control reading.
  [kOnread](bytes) {
    this[kRest] = onread.deliver(this, this[kOptions].onread, bytes);
    if (this[kRest].length > 0 || this.isPaused()) this[kStop]();
  },

  resume() {
    const rest = this[kRest];
    this[kRest] = null;
    if (rest?.length > 0) process.nextTick(() => this[kOnread](rest));
    if (this[kOptions].onread) this._read();
    return net.Socket.prototype.resume.call(this);
  },

  [kEnd]() {
    if (this.destroyed) return;
    this.truncated = this[kConnection].truncated();
    if (this.truncated && isRefused(this)) {
      refuseTruncation(this);
      return;
    }
    this.push(null);
    this.read(0); // 'end' comes even if the program does not read
  },

  [kFlushed]() {
    const callback = this[kCallback];
    this[kCallback] = null;
    this._unrefTimer();
    if (callback) callback(null);
  },

  [kError](error) {
    this[kFailed] = true;
    if (error.tlstream.class === 'identity') {
      this.authorizationError = errors.authorizationError(error);
    }
    const transportError = error.tlstream.class === 'system' &&
      this[kTransport]?.error;
    const cause = this[kCause] || transportError ||
      errors.fromNative(error, handshake.failureContext(this));
    if (isEarlyEnd(this, error)) failAtEnd(this, cause);
    else this.destroy(cause);
  },

  [kClose](ending) {
    this[kClosed] = true;
    saveCounters(this);
    this[kConnection] = null;
    clearTimeout(this[kLingering]);
    if (!this[kTransport]) this[kUnderlying].destroy();
    const isEnd = ending === 'clean' || this.truncated; // 'end' has come
    if (isEnd) this[kFlushed]();
    if (this.destroyed) {
      this[kFinishClose]?.();
    } else if (!isEnd) {
      this.destroy();
    }
  },

  // The calls of Node's streams.

  _read() {
    if (!this[kPaused]) return;
    this[kPaused] = false;
    this[kConnection]?.resume();
  },

  _write(chunk, encoding, callback) {
    this._unrefTimer();
    whenOpen(this, callback, () => {
      send(this, chunk, encoding, false);
    }, [{ chunk, encoding }]);
  },

  _writev(chunks, callback) {
    this._unrefTimer();
    whenOpen(this, callback, () => {
      const last = chunks.length - 1;
      for (let i = 0; i <= last && this[kCallback]; i++) {
        send(this, chunks[i].chunk, chunks[i].encoding, i < last);
      }
    }, chunks);
  },

  _final(callback) {
    whenOpen(this, callback, () => this[kConnection].end());
  },

  destroySoon() {
    this[kLingers] = true;
    net.Socket.prototype.destroySoon.call(this);
  },

  _destroy(error, callback) {
    this.connecting = false;
    this.setTimeout(0);
    this[kHadError] = error !== null && error !== undefined;
    saveCounters(this);
    failPendingWrite(this, error);
    callback(error);
    if (this[kLingers] && this.writableFinished) linger(this);
    if (this[kConnection] && !this[kClosed] && !this[kLingering]) {
      this[kFinishClose] = () => this.emit('close', this[kHadError]);
      if (!this[kFailed]) this[kConnection].destroy();
    } else {
      if (!this[kClosed]) this[kUnderlying]?.destroy();
      // After the callbacks and listeners that get the error.
      setImmediate(() => this.emit('close', this[kHadError]));
    }
  },

  // Called after the time of setTimeout() without activity. A connection whose
  // write queue shrinks is not idle.
  _onTimeout() {
    const queued = this[kConnection]?.queueSize() ?? 0;
    const isActive = queued > 0 && queued !== this[kLastQueue];
    this[kLastQueue] = queued;
    if (isActive) {
      this._unrefTimer();
    } else {
      this.emit('timeout');
    }
  },
};

function isEarlyEnd(socket, { code }) {
  return code === 'ERR_TLSTREAM_CLOSED_IN_HANDSHAKE' &&
    !socket[kOptions].isServer && !socket.destroyed;
}

// As in Node, a client gets 'end' first.
function failAtEnd(socket, error) {
  socket.prependOnceListener('end', () => socket.destroy(error));
  socket.push(null);
  socket.read(0);
}

// Without close_notify, and an answer may have been under way: it may be
// incomplete. Where our own bytes were the last ones, nothing was.
function isRefused(socket) {
  return !socket[kOptions].insecureAllowTruncation &&
    socket[kConnection].receivedLast();
}

// A peer that closes its connection must not end a process that has no listener
// for 'error'.
function refuseTruncation(socket) {
  socket.on('error', () => {});
  socket.destroy(errors.truncated());
}

// After destroySoon(): a socket that is closed with unread input resets the
// connection, and the peer loses what it has not read. The engine reads on until
// the peer's end, while the program's socket is closed.
function linger(socket) {
  const connection = socket[kConnection];
  if (!connection || socket[kTransport]) return;
  connection.close();
  socket[kLingering] = setTimeout(() => connection.destroy(), LINGER_MS);
  socket[kLingering].unref();
}

// Run `action`, which sends `chunks`, now or when there is a connection. When
// they have left `callback` is called, in the caller's context
// (AsyncLocalStorage).
function whenOpen(socket, callback, action, chunks = []) {
  const resource = new AsyncResource('TLSTREAMWRITE');
  socket[kCallback] = (error) =>
    resource.runInAsyncScope(callback, null, error);
  if (socket[kConnection]) {
    action();
  } else if (socket[kClosed]) {
    fail(socket, 'ERR_TLSTREAM_CLOSED');
  } else {
    socket[kPending] = action;
    socket[kWaiting] = chunks;
  }
}

function send(socket, chunk, encoding, more) {
  const result = socket[kConnection].write(bytesOf(chunk, encoding), more);
  if (result < 0) fail(socket, errorName(result));
}

function fail(socket, name) {
  const callback = socket[kCallback];
  socket[kCallback] = null;
  callback(errors.closed(name));
}

// The write in progress is lost: call its callback.
function failPendingWrite(socket, error) {
  const callback = socket[kCallback];
  const wasWaiting = socket[kPending] !== null;
  socket[kCallback] = null;
  socket[kPending] = null;
  socket[kWaiting] = null;
  if (!callback) return;
  if (wasWaiting) {
    socket.once('close', () =>
      callback(new errors.ERR_SOCKET_CLOSED_BEFORE_CONNECTION()));
  } else {
    callback(error ?? new errors.ERR_SOCKET_CLOSED());
  }
}

defineMethods(TLSSocket, methods);
require('./info').install(TLSSocket);
require('./not_yet').install(TLSSocket);
require('./undocumented').install(TLSSocket);

// Start the write that has waited for the connection.
handshake.hooks.onOpen = (socket) => {
  const action = socket[kPending];
  socket[kPending] = null;
  socket[kWaiting] = null;
  if (action) action();
};

module.exports = { TLSSocket };
