// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');
const { bytes, closed } = require('../parts');

// More than the kernel keeps on the way.
const LENGTH = 24 * 1024 * 1024;

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.pause();
  client.end(bytes(LENGTH), () => log('all is written'));
  for (let i = 0; i < 300; i++) {
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
