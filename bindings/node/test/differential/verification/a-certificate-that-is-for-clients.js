// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { client } =
    await meet(certs.forClients, { rejectUnauthorized: false });
  log('authorized', client.authorized, client.authorizationError);
});
