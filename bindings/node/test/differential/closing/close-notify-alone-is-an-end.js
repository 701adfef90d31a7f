// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run } = require('../program');
const { record, closed, pairThrough } = require('../parts');

// The relay keeps the end of TCP to itself: what is left is TLS's own.
run(async () => {
  const { client, socket, near, far } = await pairThrough(certs.ec);
  far.unpipe();
  far.on('data', (each) => near.write(each)).resume();
  record('client', client.resume(), 'end', 'error', 'close');
  record('server', socket.resume(), 'end', 'error', 'close');
  socket.end();
  await closed(client, socket);
  log('no error', client.errored, socket.errored);
});
