// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, pair, exitsWith } = require('../program');

run(async () => {
  exitsWith(1);
  const { client, socket } = await pair(certs.ec);
  socket.on('data', () => { throw new TypeError('nobody catches this'); });
  client.write('x');
  await new Promise(() => {});
});
