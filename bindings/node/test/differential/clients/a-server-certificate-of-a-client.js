// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { socket } = await pair({ ...certs.ec, ca: certs.ca, requestCert: true,
    rejectUnauthorized: false }, certs.rich);
  log('for both', socket.authorized, socket.authorizationError);
  const second = await pair({ ...certs.ec, ca: certs.ca, requestCert: true,
    rejectUnauthorized: false }, certs.other);
  log('for nothing special', second.socket.authorized);
});
