// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client } = await pair(certs.stranger,
    { ca: [certs.ca, certs.otherCa], crl: certs.crl,
      rejectUnauthorized: false });
  log('authorized', client.authorized, client.authorizationError);
});
