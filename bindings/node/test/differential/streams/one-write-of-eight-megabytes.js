// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { bytes, digest } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const data = bytes(8 * 1024 * 1024);
  log('write', client.write(data));
  client.end();
  log('the same', await digest(socket) === await digest(data));
  log('counted', client.bytesWritten, socket.bytesRead);
});
