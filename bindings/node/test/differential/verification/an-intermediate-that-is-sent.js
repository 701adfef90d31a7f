// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { key, chain } = certs.chained;
  const { client } = await pair({ key, cert: chain }, {});
  log('authorized', client.authorized);
  const certificate = client.getPeerCertificate(true);
  log('leaf', certificate.subject.CN);
  log('issuer', certificate.issuerCertificate.subject.CN);
  log('root',
    certificate.issuerCertificate.issuerCertificate.subject.CN);
});
