// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  for (const name of ['selfSigned', 'expired', 'future', 'wrongName', 'ec']) {
    const { client } = await meet(certs[name], { rejectUnauthorized: false });
    log(name, client.authorized, client.authorizationError);
  }
});
