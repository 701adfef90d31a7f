// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const name of ['revoked', 'ec']) {
    const { client } = await pair(certs[name],
      { crl: certs.crl, rejectUnauthorized: false });
    log(name, client.authorized, client.authorizationError);
  }
});
