// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client } = await pair(certs.ec, {});
  const certificate = client.getPeerCertificate();
  log('fields', Object.keys(certificate)
    .filter((name) => certificate[name] !== undefined).sort());
  log('curve', certificate.asn1Curve, certificate.nistCurve);
  log('bits', certificate.bits);
  log('key', certificate.pubkey);
  log('modulus', certificate.modulus);
});
