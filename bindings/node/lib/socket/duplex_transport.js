// SPDX-License-Identifier: MIT
'use strict';

// TLS over whatever JavaScript has: any Duplex, another TLS stream among them.
// The engine asks for bytes to be carried by the methods below, and is told of
// what comes by post().

const { bytesOf } = require('./chunks');

const UV_EIO = -5;

function errnoOf(error) {
  return error && error.errno < 0 ? error.errno : UV_EIO;
}

class Carrier {
  constructor(duplex) {
    this.duplex = duplex;
    this.connection = null;
    this.error = null; // what the Duplex itself failed with
    this.waiting = []; // told, and not taken yet
    this.ended = false; // the engine knows that no more comes
    this.over = false;
  }

  // The engine is ready to be told.
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

  // Tell the engine, in order; when it is in the middle of something, in a
  // turn of its own.
  post(what, argument) {
    if (this.over) return;
    if (this.waiting.length === 0 && this.connection[what](argument)) return;
    if (this.waiting.length === 0) setImmediate(() => this.retry());
    this.waiting.push([what, argument]);
  }

  retry() {
    while (this.waiting.length > 0 && !this.over) {
      const [what, argument] = this.waiting[0];
      if (!this.connection[what](argument)) {
        setImmediate(() => this.retry());
        return;
      }
      this.waiting.shift();
    }
  }

  // 1: kept, and told when it has left.
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
    this.over = true;
    this.duplex.destroy();
    return 0;
  }
}

module.exports = { Carrier };
