// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { socket } = await pair({ ...certs.ec, ca: certs.ca, requestCert: true,
    rejectUnauthorized: false }, certs.clientStranger);
  log('authorized', socket.authorized, socket.authorizationError);
});
