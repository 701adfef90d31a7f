// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec, { servername: 'localhost' });
  log('client', client.servername);
  log('server', socket.servername);
});
