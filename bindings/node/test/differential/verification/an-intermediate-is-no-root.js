// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { key, cert } = certs.chained;
  const { client } = await pair({ key, cert },
    { ca: certs.intermediate, rejectUnauthorized: false });
  log('authorized', client.authorized, client.authorizationError);
});
