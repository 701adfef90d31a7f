// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { client, socket } = await meet(certs.ec, certs.client);
  log('client', client.authorized, client.authorizationError);
  log('server', socket.authorized, socket.authorizationError);
  log('of the client', socket.getPeerCertificate());
});
