// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read, once } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  client.end('said long before');
  await once(client, 'finish');
  socket.write('over to you');
  await once(client, 'readable');
  log('text', await read(socket));
});
