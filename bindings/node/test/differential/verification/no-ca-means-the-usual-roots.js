// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const ca of [undefined, null, '', false]) {
    const { client } =
      await pair(certs.selfSigned, { ca, rejectUnauthorized: false });
    log('ca', ca, client.authorized, client.authorizationError);
  }
});
