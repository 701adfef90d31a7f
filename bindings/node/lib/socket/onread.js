// SPDX-License-Identifier: MIT
'use strict';

// net.connect()'s option `onread`: what arrives is put into the program's own
// buffer, and a callback told how much, in place of 'data'.

// Hand over `bytes`, a buffer's length at a time; returns what is left when
// the callback has said stop.
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
