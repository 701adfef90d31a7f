// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');
const { bytes, closed } = require('../parts');

// More than the kernel keeps on the way: 4 MB of the writer, and little of a
// reader that takes nothing.
const LENGTH = 8 * 1024 * 1024;
const TURNS = 100;

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.pause();
  client.end(bytes(LENGTH), () => log('all is written'));
  for (let i = 0; i < TURNS; i++) {
    socket.write('this way is free');
    await once(client, 'data');
  }
  log('waiting', client.writableFinished, client.writableLength > 0);
  log('little is kept', socket.readableLength < 1024 * 1024);
  log('little was read', socket.bytesRead < LENGTH / 2);
  socket.resume();
  await closed(client);
  log('counted', socket.bytesRead === LENGTH);
});
