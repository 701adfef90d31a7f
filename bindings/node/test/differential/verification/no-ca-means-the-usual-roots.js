// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  for (const ca of [undefined, null, '', false]) {
    const { client } =
      await meet(certs.selfSigned, { ca, rejectUnauthorized: false });
    log('ca', ca, client.authorized, client.authorizationError);
  }
});
