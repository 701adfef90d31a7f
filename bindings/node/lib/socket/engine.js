// SPDX-License-Identifier: MIT
'use strict';

// The engine (the addon) calls these functions with the owner of a connection
// as `this`; each calls the owner's method of that name. The names are symbols,
// so that they cannot collide with a program's properties, and known to all
// copies of this file that a program may have loaded (jest does), because the
// engine calls the functions of the last one.

const native = require('../native');

const kHello = Symbol.for('tlstream.engine.hello');
const kSecure = Symbol.for('tlstream.engine.secure');
const kData = Symbol.for('tlstream.engine.data');
const kEnd = Symbol.for('tlstream.engine.end');
const kFlushed = Symbol.for('tlstream.engine.flushed');
const kError = Symbol.for('tlstream.engine.error');
const kClose = Symbol.for('tlstream.engine.close');
const kTransport = Symbol.for('tlstream.engine.transport');

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
