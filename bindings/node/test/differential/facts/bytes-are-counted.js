// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');
const { closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  log('at first', client.bytesRead, client.bytesWritten, socket.bytesRead,
    socket.bytesWritten);
  client.write('12345');
  log('counted at once', client.bytesWritten);
  client.write('\u20ac');
  client.end(Buffer.alloc(10));
  log('heard', (await read(socket)).length);
  await closed(client, socket);
  log('client', client.bytesRead, client.bytesWritten);
  log('server', socket.bytesRead, socket.bytesWritten);
});
