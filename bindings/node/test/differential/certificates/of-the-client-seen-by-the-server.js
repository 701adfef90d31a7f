// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { socket } = await pair(
    { ...certs.ec, ca: certs.ca, requestCert: true }, certs.rich);
  const certificate = socket.getPeerCertificate();
  log('subject', certificate.subject);
  log('usage', certificate.ext_key_usage);
  const detailed = socket.getPeerCertificate(true);
  log('issuer', detailed.issuerCertificate.subject.CN);
});
