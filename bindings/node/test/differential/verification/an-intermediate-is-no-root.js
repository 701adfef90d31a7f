// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { key, cert } = certs.chained;
  const { client } = await meet({ key, cert },
    { ca: certs.intermediate, rejectUnauthorized: false });
  log('authorized', client.authorized, client.authorizationError);
});
