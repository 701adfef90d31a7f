// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const name of ['revoked', 'client']) {
    const { socket } = await pair({ ...certs.ec, ca: certs.ca,
      crl: certs.crl, requestCert: true, rejectUnauthorized: false },
    certs[name]);
    log(name, socket.authorized, socket.authorizationError);
  }
});
