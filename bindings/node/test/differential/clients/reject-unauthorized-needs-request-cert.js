// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(
    { ...certs.ec, ca: certs.ca, rejectUnauthorized: true }, {});
  log('client', client.authorized);
  log('server', socket.authorized, socket.authorizationError);
});
