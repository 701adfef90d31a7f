// SPDX-License-Identifier: MIT
'use strict';

// `socket._handle` and `socket.ssl`, which Node does not document and drivers
// use all the same. Node's own TLS takes the handle of a socket that it runs
// over, and needs one of its own kind: this is its handle for a stream written
// in JavaScript, whose methods `on...` Node calls from C++.

const { PassThrough } = require('stream');
const net = require('net');
const { verifyError } = require('./authorization');
const nodeTls = require('../node_tls');
const { kUnderlying } = require('./symbols');

const UV_EPIPE = -32;

// Node's class of sockets over any stream, which it does not export.
function findSocketClass() {
  const socket = new nodeTls.TLSSocket(new PassThrough(), { ca: [] });
  const { _parentWrap: wrap } = socket._handle;
  const { constructor } = wrap._handle;
  socket.destroy();
  return { JSStream: constructor, JSStreamSocket: wrap.constructor };
}

// Node's http2 puts a session into a property of its socket before it looks at
// the handle.
function hasHttp2Session(socket) {
  return Reflect.ownKeys(socket).some((each) =>
    /Http2Session$/.test(socket[each]?.constructor?.name));
}

function makeClass() {
  const { JSStream, JSStreamSocket } = findSocketClass();

  return class TLSHandle extends JSStream {
    #socket;
    #reads = false;

    constructor(socket) {
      super();
      this.#socket = socket;
    }

    // The calls of drivers.

    verifyError() {
      return verifyError(this.#socket);
    }

    get _parentWrap() {
      const below = this.#socket[kUnderlying];
      return below instanceof net.Socket ? below :
        Object.create(JSStreamSocket.prototype, { stream: { value: below } });
    }

    // Node's http reads a socket of ours as a stream.
    get _consumed() { return true; }

    // Node's http2 takes a handle that has this, and relies on its reading.
    get isStreamBase() {
      if (hasHttp2Session(this.#socket)) setImmediate(() => this.onreadstart());
      return true;
    }

    readStart() { return 0; }
    readStop() { return 0; }
    ref() { this.#socket.ref(); }
    unref() { this.#socket.unref(); }

    getpeername(out) {
      Object.assign(out, this.#socket._getpeername());
      return 0;
    }

    getsockname(out) {
      Object.assign(out, this.#socket._getsockname());
      return 0;
    }

    setNoDelay(enable) { this.#socket.setNoDelay(enable); }

    setKeepAlive(enable, seconds) {
      this.#socket.setKeepAlive(enable, seconds * 1000);
    }

    // The calls of Node's TLS on top of it.

    isClosing() {
      return this.#socket.destroyed;
    }

    onreadstart() {
      if (!this.#reads) this.#listen();
      this.#socket.resume();
      return 0;
    }

    onreadstop() {
      this.#socket.pause();
      return 0;
    }

    onwrite(request, buffers) {
      this.#socket.write(Buffer.concat(buffers), (error) =>
        setImmediate(() => this.finishWrite(request, error ? UV_EPIPE : 0)));
      return 0;
    }

    onshutdown(request) {
      process.nextTick(() => this.#socket.end(() =>
        this.finishShutdown(request, 0)));
      return 0;
    }

    close(callback) {
      this.#socket.destroy();
      if (callback) setImmediate(callback);
    }

    // What is on top decides when it ends.
    #listen() {
      this.#reads = true;
      this.#socket.allowHalfOpen = true;
      this.#socket.on('data', (bytes) => this.readBuffer(bytes));
      this.#socket.on('end', () => this.emitEOF());
    }
  };
}

let Handle = null; // made when the first one is asked for

function makeHandle(socket) {
  Handle ??= makeClass();
  return new Handle(socket);
}

module.exports = { makeHandle };
