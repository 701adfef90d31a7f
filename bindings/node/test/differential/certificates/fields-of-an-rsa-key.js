// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client } = await pair(certs.rsa, {});
  const certificate = client.getPeerCertificate();
  log('modulus', certificate.modulus.length, certificate.modulus);
  log('exponent', certificate.exponent);
  log('bits', certificate.bits);
  log('key', certificate.pubkey);
  log('curve', certificate.asn1Curve, certificate.nistCurve);
});
