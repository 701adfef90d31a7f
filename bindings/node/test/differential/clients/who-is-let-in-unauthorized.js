// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

const NAMES = ['client', 'clientRsa', 'clientExpired', 'clientSelfSigned'];

run(async () => {
  for (const name of NAMES) {
    const { socket } = await meet({ ...certs.ec, ca: certs.ca,
      requestCert: true, rejectUnauthorized: false }, certs[name]);
    log(name, socket.authorized, socket.authorizationError,
      socket.getPeerCertificate().subject.CN);
  }
});
