// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { client } = await meet(certs.selfSigned,
    { ca: certs.selfSigned.cert });
  const certificate = client.getPeerCertificate(true);
  log('subject', certificate.subject, certificate.issuer);
  log('its own issuer', certificate.issuerCertificate === certificate);
});
