// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec, certs.client);
  log('client', client.authorized, client.authorizationError);
  log('server', socket.authorized, socket.authorizationError);
  log('of the client', socket.getPeerCertificate());
});
