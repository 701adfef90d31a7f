// SPDX-License-Identifier: MIT
'use strict';

// A cleartext stream: net.Socket in all that a program sees of it, and the
// engine in place of a handle. What the stream does is here; what can be asked
// of it is in info.js, how it begins in handshake.js.

const { AsyncResource } = require('async_hooks');
const net = require('net');
const { addAbortSignal } = require('stream');
const { bytesOf } = require('./chunks');
const { defineMethods } = require('./define');
const {
  errorName, kCarrier, kClose, kData, kEnd, kError, kFlushed, kHello, kSecure,
} = require('./engine');
const errors = require('../errors/engine_errors');
const { keepFacts } = require('./info');
const onread = require('./onread');
const opening = require('./handshake');
const { checkOptions } = require('../options/socket_options');
const {
  kCause, kConnection, kOptions, kRaw, kWaiting,
} = require('./symbols');

const kCallback = Symbol('callback'); // of the write, or the end, in flight
const kFailed = Symbol('failed'); // the engine ends it, with what it has to say
const kFinishClose = Symbol('finish close');
const kHadError = Symbol('had error');
const kLastQueue = Symbol('last queue');
const kOnread = Symbol('onread');
const kOver = Symbol('over'); // the engine has closed
const kPaused = Symbol('paused');
const kPending = Symbol('pending'); // to be done once there is a connection
const kRest = Symbol('rest'); // of what arrived for `onread`
const kStop = Symbol('stop');

function TLSSocket(socket, options) {
  if (!(this instanceof TLSSocket)) return new TLSSocket(socket, options);
  const own = checkOptions(socket, options);
  net.Socket.call(this, {
    allowHalfOpen: socket ? socket.allowHalfOpen : own.allowHalfOpen,
    highWaterMark: own.highWaterMark,
  });
  this[kOptions] = own;
  this[kConnection] = null;
  this[kCallback] = null;
  this[kPending] = null;
  this[kPaused] = false;
  this[kOver] = false;
  opening.setFacts(this, own);
  opening.attach(this, socket);
  if (own.signal !== undefined) addAbortSignal(own.signal, this);
}
Object.setPrototypeOf(TLSSocket.prototype, net.Socket.prototype);
Object.setPrototypeOf(TLSSocket, net.Socket);

const methods = {
  // What the engine tells.

  [kHello](servername, offered) {
    opening.chooseContext(this, servername, offered);
  },

  [kSecure]() {
    opening.finish(this);
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

  // With `onread` the program reads by resume() and pause().
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
    this.push(null);
    this.read(0); // with nobody reading the end comes all the same
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
    // A peer that just hangs up must not end a program that does not listen.
    if (error.code === 'ERR_TLSTREAM_TRUNCATED') this.on('error', () => {});
    const carried = error.tlstream.class === 'system' &&
      this[kCarrier]?.error; // of the stream beneath
    this.destroy(this[kCause] || carried ||
      errors.fromNative(error, opening.scene(this)));
  },

  [kClose](ending) {
    this[kOver] = true;
    keepFacts(this);
    this[kConnection] = null;
    if (!this[kCarrier]) this[kRaw].destroy();
    if (ending === 'clean') this[kFlushed]();
    // The peer never said goodbye: a close without an end.
    if (this.destroyed) {
      this[kFinishClose]?.();
    } else if (ending !== 'clean') {
      this.destroy();
    }
  },

  // What the stream asks.

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
    whenOpen(this, callback, () => {
      if (this.allowHalfOpen) {
        this[kConnection].endHalf();
      } else {
        this[kConnection].end();
      }
    });
  },

  _destroy(error, callback) {
    this.connecting = false;
    this.setTimeout(0);
    this[kHadError] = error !== null && error !== undefined;
    keepFacts(this);
    giveUp(this, error);
    callback(error);
    if (this[kConnection] && !this[kOver]) {
      this[kFinishClose] = () => this.emit('close', this[kHadError]);
      if (!this[kFailed]) this[kConnection].destroy();
    } else {
      if (!this[kOver]) this[kRaw]?.destroy();
      // Not before those who wait for the error have heard it.
      setImmediate(() => this.emit('close', this[kHadError]));
    }
  },

  // Nothing has moved for as long as setTimeout() says; a peer that takes what
  // is queued little by little is not idle.
  _onTimeout() {
    const queued = this[kConnection]?.queueSize() ?? 0;
    const moved = queued > 0 && queued !== this[kLastQueue];
    this[kLastQueue] = queued;
    if (moved) {
      this._unrefTimer();
    } else {
      this.emit('timeout');
    }
  },
};

// Have `action`, which sends `chunks`, done on the connection, now or when
// there is one; `callback` is called when they have left, in the context that
// it is given in (AsyncLocalStorage).
function whenOpen(socket, callback, action, chunks = []) {
  const resource = new AsyncResource('TLSTREAMWRITE');
  socket[kCallback] = (error) =>
    resource.runInAsyncScope(callback, null, error);
  if (socket[kConnection]) {
    action();
  } else if (socket[kOver]) {
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

// What was being written will not arrive.
function giveUp(socket, error) {
  const callback = socket[kCallback];
  const waited = socket[kPending] !== null;
  socket[kCallback] = null;
  socket[kPending] = null;
  socket[kWaiting] = null;
  if (!callback) return;
  if (waited) {
    socket.once('close', () =>
      callback(new errors.ERR_SOCKET_CLOSED_BEFORE_CONNECTION()));
  } else {
    callback(error ?? new errors.ERR_SOCKET_CLOSED());
  }
}

defineMethods(TLSSocket, methods);
require('./info').install(TLSSocket);

// The connection is there: what waited for it can go.
opening.hooks.onOpen = (socket) => {
  const action = socket[kPending];
  socket[kPending] = null;
  socket[kWaiting] = null;
  if (action) action();
};

module.exports = { TLSSocket };
