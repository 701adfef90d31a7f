// SPDX-License-Identifier: MIT
'use strict';

// createSecurePair(): TLS with both ends in the program's hands. What it reads
// from and writes to `encrypted` is what a network would carry.

const EventEmitter = require('events');
const { Duplex } = require('stream');
const { TLSSocket } = require('../socket/socket');

// One of two streams in which each reads what the other was written.
class Half extends Duplex {
  constructor() {
    super({ allowHalfOpen: true });
    this.other = null;
    this.taken = null; // the callback of a write that has been read
  }

  _read() {
    const { taken } = this;
    this.taken = null;
    if (taken) taken();
  }

  _write(chunk, encoding, callback) {
    const { other } = this;
    if (other.destroyed || other.push(chunk)) {
      process.nextTick(callback);
    } else {
      other.taken = callback;
    }
  }

  _final(callback) {
    if (!this.other.destroyed) this.other.push(null);
    callback();
  }

  // The other half cannot go on alone; what it was written it may still read.
  _destroy(error, callback) {
    const { other, taken } = this;
    if (taken) taken();
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
