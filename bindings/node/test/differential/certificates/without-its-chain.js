// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { key, chain } = certs.chained;
  const { client } = await pair({ key, cert: chain }, {});
  for (const detailed of [undefined, false, true, 'yes', 1]) {
    const certificate = client.getPeerCertificate(detailed);
    log(detailed, 'issuerCertificate' in certificate);
  }
});
