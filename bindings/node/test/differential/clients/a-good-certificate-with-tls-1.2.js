// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(
    { ...certs.ec, ca: certs.ca, requestCert: true, maxVersion: 'TLSv1.2' },
    certs.client);
  log('protocol', client.getProtocol());
  log('server', socket.authorized, socket.authorizationError);
  log('of the client', socket.getPeerCertificate().subject.CN);
});
