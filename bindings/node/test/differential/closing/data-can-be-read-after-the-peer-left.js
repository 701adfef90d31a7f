// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once, read } = require('../program');

run(async () => {
  const { client, socket } = await pair({ ...certs.ec, allowHalfOpen: true },
    { allowHalfOpen: true });
  client.end('request');
  socket.resume().end('said before it left');
  await once(socket, 'close');
  log('text', await read(client));
});
