// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { record, bytes, digest, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const data = bytes(2 * 1024 * 1024);
  record('server', socket, 'finish', 'end', 'error', 'close');
  const got = digest(client);
  socket.write(data);
  socket.destroySoon();
  log('at once', socket.destroyed, socket.writable);
  log('the same', await got === await digest(data));
  await closed(client, socket);
});
