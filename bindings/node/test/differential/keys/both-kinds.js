// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

const { rsa, ec } = certs;
const KINDS = {
  'ECDHE-ECDSA-AES128-GCM-SHA256': 'ec',
  'ECDHE-RSA-AES128-GCM-SHA256': 'rsa',
};

run(async () => {
  for (const [ciphers, name] of Object.entries(KINDS)) {
    const { client } = await pair(
      { key: [rsa.key, ec.key], cert: [rsa.cert, ec.cert] },
      { maxVersion: 'TLSv1.2', ciphers });
    log(ciphers, client.getPeerCertificate().subject.CN === name);
  }
});
