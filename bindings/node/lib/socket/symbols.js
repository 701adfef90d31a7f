// SPDX-License-Identifier: MIT
'use strict';

// The internal properties of a TLSSocket that several files use.
module.exports = {
  kCause: Symbol('cause'), // the program's reason for refusing a peer
  kConnection: Symbol('connection'), // the engine's, while it is open
  kOptions: Symbol('options'),
  kUnderlying: Symbol('underlying'), // the stream that TLS runs over
  kWaiting: Symbol('waiting'), // chunks of a write before the connection
};
