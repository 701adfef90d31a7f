// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, waitFor } = require('../program');

function atLeast(socket, length) {
  return waitFor(`${length} bytes`, new Promise((done) => {
    socket.on('readable', function look() {
      if (socket.readableLength < length) return;
      socket.off('readable', look);
      done();
    });
  }));
}

run(async () => {
  const { client, socket } = await pair(certs.ec);
  client.write('abcdefghij');
  await atLeast(socket, 10);
  log('four', socket.read(4));
  log('four more', socket.read(4));
  log('there are two', socket.read(4), socket.readableLength);
  client.write('klm');
  await atLeast(socket, 5);
  log('now there are', socket.read(4));
  log('the rest', socket.read());
  log('no more', socket.read(), socket.readableLength);
});
