// SPDX-License-Identifier: MIT
'use strict';

// createSecurePair(): TLS without a network. The program itself moves the
// encrypted bytes, which it reads from and writes to `encrypted`.

const EventEmitter = require('events');
const { Duplex } = require('stream');
const { TLSSocket } = require('../socket/socket');

// One of two streams; each reads what is written to the other.
class Half extends Duplex {
  constructor() {
    super({ allowHalfOpen: true });
    this.other = null;
    this.onRead = null; // the callback of the other half's write
  }

  _read() {
    const { onRead } = this;
    this.onRead = null;
    if (onRead) onRead();
  }

  _write(chunk, encoding, callback) {
    const { other } = this;
    if (other.destroyed || other.push(chunk)) {
      process.nextTick(callback);
    } else {
      other.onRead = callback;
    }
  }

  _final(callback) {
    if (!this.other.destroyed) this.other.push(null);
    callback();
  }

  // The other half gets its end, after what it has not read yet.
  _destroy(error, callback) {
    const { other, onRead } = this;
    if (onRead) onRead();
    if (!other.destroyed && !other.readableEnded && !this.writableFinished) {
      other.push(null);
    }
    process.nextTick(() => other.readableFlowing === null && other.resume());
    callback(error);
  }
}

function connectedHalves() {
  const halves = [new Half(), new Half()];
  [halves[0].other, halves[1].other] = [halves[1], halves[0]];
  return halves;
}

class SecurePair extends EventEmitter {
  constructor(options) {
    super();
    const [encrypted, wire] = connectedHalves();
    this.encrypted = encrypted;
    this.cleartext = new TLSSocket(wire, options);
    this.credentials = this.cleartext._tlsOptions.secureContext;
    this.cleartext.once('secure', () => this.emit('secure'));
    this.cleartext.on('error', (error) => {
      if (this.listenerCount('error') > 0) this.emit('error', error);
    });
  }

  destroy() {
    this.cleartext.destroy();
    this.encrypted.destroy();
  }
}

module.exports = { SecurePair };
