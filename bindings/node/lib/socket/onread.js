// SPDX-License-Identifier: MIT
'use strict';

// The option `onread` of net.connect(): data is copied into the program's own
// buffer, and a callback gets the number of bytes, instead of 'data' events.

// Pass `bytes` to the callback, at most a buffer's length at a time; returns
// the rest when the callback has returned false, which pauses reading.
function deliver(socket, { buffer, callback }, bytes) {
  let rest = bytes;
  while (rest.length > 0 && !socket.destroyed) {
    const into = typeof buffer === 'function' ? buffer() : buffer;
    const piece = rest.subarray(0, into.length);
    into.set(piece);
    rest = rest.subarray(piece.length);
    if (callback.call(socket, piece.length, into) === false) return rest;
  }
  return rest;
}

module.exports = { deliver };
