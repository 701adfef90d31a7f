// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { client, socket } = await meet(
    { ...certs.ec, ca: certs.ca, rejectUnauthorized: true }, {});
  log('client', client.authorized);
  log('server', socket.authorized, socket.authorizationError);
});
