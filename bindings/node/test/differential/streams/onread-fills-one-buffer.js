// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const buffer = Buffer.alloc(1024);
  const server = tls.createServer(certs.ec, (socket) =>
    socket.end('for the buffer'));
  let text = '';
  let same = true;
  const client = connect(await listen(server), { onread: {
    buffer,
    callback(length, where) {
      same &&= where.buffer === buffer.buffer;
      text += where.subarray(0, length);
      return true;
    },
  } });
  client.on('data', () => log('no data event is meant to come'));
  await once(client, 'end');
  log('text', text, same);
});
