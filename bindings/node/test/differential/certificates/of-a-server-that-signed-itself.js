// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client } = await pair(certs.selfSigned,
    { ca: certs.selfSigned.cert });
  const certificate = client.getPeerCertificate(true);
  log('subject', certificate.subject, certificate.issuer);
  log('its own issuer', certificate.issuerCertificate === certificate);
});
