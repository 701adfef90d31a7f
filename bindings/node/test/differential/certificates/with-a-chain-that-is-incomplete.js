// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { key, cert } = certs.chained;
  const { client } = await pair({ key, cert }, { rejectUnauthorized: false });
  const certificate = client.getPeerCertificate(true);
  log('leaf', certificate.subject.CN);
  log('issuer', certificate.issuerCertificate);
});
