// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { client, socket } = await meet(certs.ec, { servername: 'localhost' });
  log('client', client.servername);
  log('server', socket.servername);
});
