// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { socket } = await pair({ ...certs.ec, ca: certs.ca, requestCert: true,
    rejectUnauthorized: false, maxVersion: 'TLSv1.3' }, {});
  log('authorized', socket.authorized);
  log('why', socket.authorizationError);
  log('certificate', socket.getPeerCertificate());
});
