// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { bytes, digest } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const question = bytes(3 * 1024 * 1024);
  const answer = Buffer.from(question).reverse();
  client.end(question);
  socket.end(answer);
  const [got, heard] = await Promise.all([digest(client), digest(socket)]);
  log('the same', got === await digest(answer),
    heard === await digest(question));
});
