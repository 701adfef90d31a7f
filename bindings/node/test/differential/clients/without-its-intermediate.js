// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { key, cert } = certs.clientChained;
  const { socket } = await pair({ ...certs.ec, ca: certs.ca, requestCert: true,
    rejectUnauthorized: false }, { key, cert });
  log('authorized', socket.authorized, socket.authorizationError);
});
