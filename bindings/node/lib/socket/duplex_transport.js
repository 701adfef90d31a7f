// SPDX-License-Identifier: MIT
'use strict';

// TLS over any Duplex, which may be another TLS stream. The engine calls the
// methods write(), read(), shutdown() and close(); post() passes the Duplex's
// events to the engine.

const { bytesOf } = require('./chunks');

const UV_EIO = -5;

function errnoOf(error) {
  return error && error.errno < 0 ? error.errno : UV_EIO;
}

class DuplexTransport {
  constructor(duplex) {
    this.duplex = duplex;
    this.connection = null;
    this.error = null; // the Duplex's own error
    this.queue = []; // events that the engine could not take yet
    this.ended = false; // an end or a failure has been posted
    this.closed = false;
  }

  // From here on events are passed to `connection`.
  open(connection) {
    const { duplex } = this;
    this.connection = connection;
    duplex.on('data', (chunk) => this.input(chunk));
    duplex.on('end', () => this.end('transportEof'));
    duplex.on('error', (error) => this.fail(error));
    duplex.on('close', () => this.end('transportEof'));
    if (duplex.readableEnded || duplex.destroyed) {
      setImmediate(() => this.end('transportEof'));
    }
  }

  input(chunk) {
    this.post('transportInput', bytesOf(chunk, this.duplex.readableEncoding));
  }

  end(what, argument) {
    if (this.ended) return;
    this.ended = true;
    this.post(what, argument);
  }

  fail(error) {
    this.error ??= error;
    this.end('transportFailed', errnoOf(error));
  }

  // Pass an event to the engine, in order. While one of the engine's callbacks
  // runs it returns false: then in a later turn.
  post(what, argument) {
    if (this.closed) return;
    if (this.queue.length === 0 && this.connection[what](argument)) return;
    if (this.queue.length === 0) setImmediate(() => this.retry());
    this.queue.push([what, argument]);
  }

  retry() {
    while (this.queue.length > 0 && !this.closed) {
      const [what, argument] = this.queue[0];
      if (!this.connection[what](argument)) {
        setImmediate(() => this.retry());
        return;
      }
      this.queue.shift();
    }
  }

  // Returns 1: the bytes are queued, and 'transportWritten' follows.
  write(bytes) {
    this.duplex.write(bytes, (error) => {
      if (error) this.error ??= error;
      this.post('transportWritten', error ? errnoOf(error) : 0);
    });
    return 1;
  }

  read(wanted) {
    if (wanted) {
      this.duplex.resume();
    } else {
      this.duplex.pause();
    }
    return 0;
  }

  shutdown() {
    this.duplex.end();
    return 0;
  }

  close() {
    this.closed = true;
    this.duplex.destroy();
    return 0;
  }
}

module.exports = { DuplexTransport };
