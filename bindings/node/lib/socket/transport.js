// SPDX-License-Identifier: MIT
'use strict';

// Where the encrypted bytes of a connection come from: a socket's descriptor,
// which the engine then reads by itself, or a Duplex, which it is fed from.

const net = require('net');
const { bytesOf } = require('./chunks');
const { Carrier } = require('./duplex_transport');

function nothing() {}

// A socket of Node's own over TCP or a pipe. What merely looks like one (a TLS
// socket's handle knows the descriptor too) has bytes of its own to carry.
function descriptorOf(stream) {
  if (!(stream instanceof net.Socket)) return -1;
  const handle = stream._handle;
  if (!handle || !(handle.fd >= 0)) return -1;
  const kind = handle.constructor.name;
  return kind === 'TCP' || kind === 'Pipe' ? handle.fd : -1;
}

// Keep Node from reading a socket that has not begun to: its first read comes
// right after it has connected.
function holdBack(socket) {
  if (socket instanceof net.Socket) socket._read = nothing;
}

// From now on the socket's bytes are TLS's: Node stops reading them, and what
// it has read already is returned.
function takeOver(socket) {
  const chunks = [];
  holdBack(socket);
  socket._handle.readStop();
  socket._handle.reading = false;
  socket.pause();
  for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
    chunks.push(bytesOf(chunk, socket.readableEncoding));
  }
  return chunks.length > 0 ? Buffer.concat(chunks) : undefined;
}

// What to open a connection with: { fd, head } or { carrier, head }.
function sourceOf(stream) {
  const fd = descriptorOf(stream);
  if (fd >= 0) return { fd, head: takeOver(stream) };
  return { carrier: new Carrier(stream), head: drain(stream) };
}

// What a Duplex has already read belongs to what comes first.
function drain(duplex) {
  duplex.pause();
  if (duplex.readableObjectMode || duplex.readableLength === 0) {
    return undefined;
  }
  const chunk = duplex.read();
  return chunk === null ? undefined : bytesOf(chunk, duplex.readableEncoding);
}

module.exports = { holdBack, sourceOf };
