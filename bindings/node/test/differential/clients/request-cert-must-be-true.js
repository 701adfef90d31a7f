// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const requestCert of [true, 1, 'yes', {}, false, undefined, null]) {
    const { socket } = await pair({ ...certs.ec, ca: certs.ca, requestCert,
      rejectUnauthorized: false }, certs.client);
    log('given', requestCert, socket.authorized,
      Object.keys(socket.getPeerCertificate()).length > 0);
  }
});
