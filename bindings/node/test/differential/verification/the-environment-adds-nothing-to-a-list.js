// SPDX-License-Identifier: MIT
'use strict';

// environment: NODE_EXTRA_CA_CERTS={certs}/selfSigned.pem

const { certs, run, attempt } = require('../program');

run(async () => {
  await attempt(certs.selfSigned, { ca: certs.ca }, { sides: ['client'] });
});
