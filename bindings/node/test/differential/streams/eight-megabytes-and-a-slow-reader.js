// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { bytes, digest } = require('../parts');

const LENGTH = 8 * 1024 * 1024;

// Pieces of every size there is, and waiting whenever it is asked to.
function pour(data, socket) {
  let at = 0;
  let size = 1;
  function more() {
    while (at < data.length) {
      const piece = data.subarray(at, at += size);
      size = size * 3 % 70001;
      if (!socket.write(piece)) return socket.once('drain', more);
    }
    socket.end();
  }
  more();
}

// Rests after every piece.
function sip(socket) {
  const pieces = [];
  socket.on('data', (each) => {
    pieces.push(each);
    socket.pause();
    setImmediate(() => socket.resume());
  });
  return new Promise((done) =>
    socket.on('end', () => done(Buffer.concat(pieces))));
}

run(async () => {
  const data = bytes(LENGTH);
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const { client, socket } = await pair(certs.ec, { maxVersion });
    pour(data, client);
    const got = await sip(socket);
    log('length', got.length);
    log('the same', await digest(got) === await digest(data));
  }
});
