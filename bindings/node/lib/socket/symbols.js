// SPDX-License-Identifier: MIT
'use strict';

// What the files of a socket share of its inside.
module.exports = {
  kCause: Symbol('cause'), // why the program refused: told to it as the error
  kConnection: Symbol('connection'), // the engine's, while it is open
  kOptions: Symbol('options'),
  kRaw: Symbol('raw'), // the stream beneath
  kWaiting: Symbol('waiting'), // chunks of a write until there is a connection
};
