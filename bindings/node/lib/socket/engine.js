// SPDX-License-Identifier: MIT
'use strict';

// The engine's callbacks on their way to the object that they are about: each
// is called with the owner of a connection as `this`, and the owner has a
// method of that name, by symbol, so that nobody's property is in the way.

const native = require('../native');

const kHello = Symbol('hello');
const kSecure = Symbol('secure');
const kData = Symbol('data');
const kEnd = Symbol('end');
const kFlushed = Symbol('flushed');
const kError = Symbol('error');
const kClose = Symbol('close');
const kCarrier = Symbol('carrier');

native.setup({
  onHello(servername, offered) { this[kHello](servername, offered); },
  onSecure() { this[kSecure](); },
  onData(bytes) { this[kData](bytes); },
  onEnd() { this[kEnd](); },
  onFlushed() { this[kFlushed](); },
  onError(error) { this[kError](error); },
  onClose(ending) { this[kClose](ending); },
  transportWrite(bytes) { return this[kCarrier].write(bytes); },
  transportRead(wanted) { return this[kCarrier].read(wanted); },
  transportShutdown() { return this[kCarrier].shutdown(); },
  transportClose() { return this[kCarrier].close(); },
});

module.exports = {
  Connection: native.Connection,
  Hosts: native.Hosts,
  errorName: native.errorName,
  kCarrier,
  kClose,
  kData,
  kEnd,
  kError,
  kFlushed,
  kHello,
  kSecure,
};
