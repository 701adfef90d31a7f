// SPDX-License-Identifier: MIT
'use strict';

// The transport of a connection: a socket's descriptor, which the engine reads
// and writes by itself, or a Duplex.

const net = require('net');
const { bytesOf } = require('./chunks');
const { DuplexTransport } = require('./duplex_transport');

function nothing() {}

// The descriptor of a net.Socket over TCP or a pipe, or -1. The handle of a
// tls.TLSSocket has a descriptor too, but its bytes must pass through that TLS.
function descriptorOf(stream) {
  if (!(stream instanceof net.Socket)) return -1;
  const handle = stream._handle;
  if (!handle || !(handle.fd >= 0)) return -1;
  const kind = handle.constructor.name;
  return kind === 'TCP' || kind === 'Pipe' ? handle.fd : -1;
}

// Prevent Node from reading a socket, which it would begin right after it has
// connected.
function preventReading(socket) {
  if (socket instanceof net.Socket) socket._read = nothing;
}

// Stop Node from reading the socket; returns what it has read already, which is
// the beginning of TLS.
function stopReading(socket) {
  const chunks = [];
  preventReading(socket);
  socket._handle.readStop();
  socket._handle.reading = false;
  socket.pause();
  for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
    chunks.push(bytesOf(chunk, socket.readableEncoding));
  }
  return chunks.length > 0 ? Buffer.concat(chunks) : undefined;
}

// What to open a connection with: { fd, head } or { duplex, head }.
function transportOf(stream) {
  const fd = descriptorOf(stream);
  if (fd >= 0) return { fd, head: stopReading(stream) };
  return { duplex: new DuplexTransport(stream), head: drain(stream) };
}

// What the Duplex has in its read buffer is the beginning of TLS.
function drain(duplex) {
  duplex.pause();
  if (duplex.readableObjectMode || duplex.readableLength === 0) {
    return undefined;
  }
  const chunk = duplex.read();
  return chunk === null ? undefined : bytesOf(chunk, duplex.readableEncoding);
}

module.exports = { preventReading, transportOf };
