// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

const { rsa, ec } = certs;

run(async () => {
  for (const sigalgs of ['ECDSA+SHA256', 'RSA-PSS+SHA256']) {
    const { client } = await pair(
      { key: [ec.key, rsa.key], cert: [rsa.cert, ec.cert] }, { sigalgs });
    log(sigalgs, client.getPeerCertificate().subject.CN);
  }
});
