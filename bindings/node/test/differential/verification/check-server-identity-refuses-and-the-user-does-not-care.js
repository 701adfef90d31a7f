// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const code of ['UNLOVED', undefined]) {
    const { client } = await pair(certs.ec, {
      rejectUnauthorized: false,
      checkServerIdentity: () =>
        Object.assign(new Error('I do not like it'), { code }),
    });
    log('authorized', client.authorized, client.authorizationError);
  }
});
