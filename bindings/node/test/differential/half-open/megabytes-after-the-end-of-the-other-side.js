// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');
const { bytes, digest } = require('../parts');

run(async () => {
  const { client, socket } = await pair({ ...certs.ec, allowHalfOpen: true });
  const data = bytes(4 * 1024 * 1024);
  client.end('send it');
  log('question', await read(socket));
  socket.end(data);
  log('the same', await digest(client) === await digest(data));
});
