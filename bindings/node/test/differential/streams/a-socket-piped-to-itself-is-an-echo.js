// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { bytes, digest } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.pipe(socket);
  const data = bytes(1024 * 1024);
  client.end(data);
  log('the same', await digest(client) === await digest(data));
});
