// SPDX-License-Identifier: MIT
'use strict';

// A chunk of a stream is a Buffer, or a string in an encoding.

function bytesOf(chunk, encoding) {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}

function lengthOf(chunk, encoding) {
  return typeof chunk === 'string' ?
    Buffer.byteLength(chunk, encoding) : chunk.length;
}

module.exports = { bytesOf, lengthOf };
