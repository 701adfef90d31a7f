// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { socket } = await meet({ ...certs.ec, ca: certs.ca, requestCert: true,
    rejectUnauthorized: false, maxVersion: 'TLSv1.3' }, {});
  log('authorized', socket.authorized);
  log('why', socket.authorizationError);
  log('certificate', socket.getPeerCertificate());
});
