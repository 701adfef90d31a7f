// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { key, chain } = certs.clientChained;
  const { socket } = await pair(
    { ...certs.ec, ca: certs.ca, requestCert: true }, { key, cert: chain });
  log('authorized', socket.authorized);
  const certificate = socket.getPeerCertificate(true);
  log('leaf', certificate.subject.CN);
  log('issuer', certificate.issuerCertificate.subject.CN);
});
