// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { client } = await meet(certs.ec,
    { ca: certs.ec.cert, rejectUnauthorized: false });
  log('authorized', client.authorized);
});
