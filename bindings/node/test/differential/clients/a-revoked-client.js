// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  for (const name of ['revoked', 'client']) {
    const { socket } = await meet({ ...certs.ec, ca: certs.ca,
      crl: certs.crl, requestCert: true, rejectUnauthorized: false },
    certs[name]);
    log(name, socket.authorized, socket.authorizationError);
  }
});
