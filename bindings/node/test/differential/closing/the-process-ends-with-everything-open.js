// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, exitsWith } = require('../program');

run(async () => {
  exitsWith(3);
  const { client, socket } = await pair(certs.ec);
  client.write('never heard');
  socket.end('nor this');
  log('goodbye');
  process.exit(3);
});
