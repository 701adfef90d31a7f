// SPDX-License-Identifier: MIT
'use strict';

// The engine (the addon) calls these functions with the owner of a connection
// as `this`; each calls the owner's method of that name. The names are symbols,
// so that they cannot collide with a program's properties.

const native = require('../native');

const kHello = Symbol('hello');
const kSecure = Symbol('secure');
const kData = Symbol('data');
const kEnd = Symbol('end');
const kFlushed = Symbol('flushed');
const kError = Symbol('error');
const kClose = Symbol('close');
const kTransport = Symbol('transport');

native.setup({
  onHello(servername, offered) { this[kHello](servername, offered); },
  onSecure() { this[kSecure](); },
  onData(bytes) { this[kData](bytes); },
  onEnd() { this[kEnd](); },
  onFlushed() { this[kFlushed](); },
  onError(error) { this[kError](error); },
  onClose(ending) { this[kClose](ending); },
  transportWrite(bytes) { return this[kTransport].write(bytes); },
  transportRead(wanted) { return this[kTransport].read(wanted); },
  transportShutdown() { return this[kTransport].shutdown(); },
  transportClose() { return this[kTransport].close(); },
});

module.exports = {
  Connection: native.Connection,
  Hosts: native.Hosts,
  errorName: native.errorName,
  kTransport,
  kClose,
  kData,
  kEnd,
  kError,
  kFlushed,
  kHello,
  kSecure,
};
