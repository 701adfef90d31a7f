// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client } = await pair(certs.ec,
    { ca: certs.ec.cert, rejectUnauthorized: false });
  log('authorized', client.authorized);
});
