// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const name of ['client', 'clientStranger']) {
    const { socket } = await pair({ ...certs.ec, requestCert: true,
      ca: [certs.ca, certs.otherCa] }, certs[name]);
    log(name, socket.authorized, socket.getPeerCertificate().issuer.CN);
  }
});
