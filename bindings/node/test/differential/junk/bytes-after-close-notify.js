// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run } = require('../program');
const { collect, closed, pairThrough } = require('../parts');

// close_notify and what comes after it arrive together.
run(async () => {
  const { client, socket, near, far } = await pairThrough(certs.ec);
  far.unpipe();
  const closing = [];
  far.on('data', (each) => closing.push(each)).resume();
  far.on('end', () => near.end(Buffer.concat([...closing,
    Buffer.from('and this is no TLS any more')])));
  const seen = collect(client, 'data', 'end', 'error', 'close');
  socket.resume().end('bye');
  await closed(client, socket);
  const data = ['data', Buffer.from('bye')];
  const clean = [data, ['end'], ['close', false]];
  log.hosts({
    20: [data, ['error', 'ERR_SSL_WRONG_VERSION_NUMBER'], ...clean.slice(1)],
    26: clean,
    tlstream: clean,
  }, seen);
});
