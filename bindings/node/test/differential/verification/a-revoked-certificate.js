// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  for (const name of ['revoked', 'ec']) {
    const { client } = await meet(certs[name],
      { crl: certs.crl, rejectUnauthorized: false });
    log(name, client.authorized, client.authorizationError);
  }
});
