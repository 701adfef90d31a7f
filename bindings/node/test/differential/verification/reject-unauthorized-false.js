// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const name of ['selfSigned', 'expired', 'future', 'wrongName', 'ec']) {
    const { client } = await pair(certs[name], { rejectUnauthorized: false });
    log(name, client.authorized, client.authorizationError);
  }
});
