// SPDX-License-Identifier: MIT
'use strict';

// What takes the place of a net.Socket's handle when the engine has its
// descriptor. Node's handle is closed then, so that a connection needs one
// descriptor; the socket goes on telling its addresses, counting its bytes and
// setting its options.

const { bytesOf } = require('./chunks');
const { codedError } = require('../errors/coded_error');

const RETRY_MS = 10; // when the socket's buffer is full

// The methods are those of Node's handles, which net.Socket calls. It is none of
// them itself: their accessors work on objects of C++ alone.
class DescriptorHandle {
  #connection;
  #before; // what Node had counted
  #counted;
  #asyncId;

  constructor(old, connection) {
    this.#connection = connection;
    this.#before = { read: old.bytesRead, written: old.bytesWritten };
    this.#counted = this.#before;
    this.#asyncId = old.getAsyncId();
    this.reading = false;
    this.onread = null;
  }

  close(callback) {
    this.#count();
    if (callback) setImmediate(callback);
  }

  // The engine's stream is what keeps the process running, and what reads.
  ref() { this.#connection.keepAlive(true); }
  unref() { this.#connection.keepAlive(false); }
  readStart() { return 0; }
  readStop() { return 0; }

  // 1: it is done already.
  shutdown() { return this.#connection.shutDown() || 1; }
  getAsyncId() { return this.#asyncId; }

  // The counters outlive the connection.
  #count() {
    const read = this.#connection.encryptedBytesRead();
    if (read !== undefined) {
      const written = this.#connection.encryptedBytesWritten();
      this.#counted = { read: this.#before.read + read,
        written: this.#before.written + written };
    }
    return this.#counted;
  }

  get bytesRead() { return this.#count().read; }
  get bytesWritten() { return this.#count().written; }
  get fd() { return Math.max(this.#connection.descriptor(), -1); }
  get writeQueueSize() { return this.#connection.queueSize() ?? 0; }
}

class TcpHandle extends DescriptorHandle {
  #connection;

  constructor(old, connection) {
    super(old, connection);
    this.#connection = connection;
  }

  getpeername(out) { return this.#connection.remoteAddress(out); }
  getsockname(out) { return this.#connection.localAddress(out); }
  setNoDelay(on) { return this.#connection.setNoDelay(Number(on)); }

  setKeepAlive(on, delay = 0, interval = 0, count = 0) {
    return this.#connection.setKeepAlive(Number(on), delay, interval, count);
  }

  setTypeOfService(value) { return this.#connection.setTypeOfService(value); }
  getTypeOfService() { return this.#connection.typeOfService(); }

  reset(callback) {
    const status = this.#connection.resetOnClose();
    this.close(callback);
    return status;
  }
}

// Plain text past TLS, which programs write at the change to it.
function writePlain(connection, bytes, callback) {
  const sent = connection.writePlain(bytes);
  if (sent < 0) {
    callback(codedError('EPIPE', 'write EPIPE', { errno: sent,
      syscall: 'write' }));
  } else if (sent < bytes.length) {
    setTimeout(writePlain, RETRY_MS, connection, bytes.subarray(sent),
      callback);
  } else {
    callback();
  }
}

// Replace the handle of `socket`, whose descriptor `connection` has copied.
function replaceHandle(socket, connection) {
  const old = socket._handle;
  const isTcp = Boolean(old.getpeername);
  socket._handle = new (isTcp ? TcpHandle : DescriptorHandle)(old, connection);
  socket._write = (chunk, encoding, callback) =>
    writePlain(connection, bytesOf(chunk, encoding), callback);
  socket._writev = null;
  // Node's own wants a handle of its own.
  if (isTcp) socket.resetAndDestroy = socket._reset;
  old.close();
}

module.exports = { replaceHandle };
