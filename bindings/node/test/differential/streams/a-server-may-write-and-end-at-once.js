// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, read } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec, (socket) => {
    socket.write('hello');
    socket.end(' and goodbye');
  });
  log('text', await read(connect(await listen(server))));
});
