// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

const NAMES = ['client', 'clientRsa', 'clientExpired', 'clientSelfSigned'];

run(async () => {
  for (const name of NAMES) {
    const { socket } = await pair({ ...certs.ec, ca: certs.ca,
      requestCert: true, rejectUnauthorized: false }, certs[name]);
    log(name, socket.authorized, socket.authorizationError,
      socket.getPeerCertificate().subject.CN);
  }
});
