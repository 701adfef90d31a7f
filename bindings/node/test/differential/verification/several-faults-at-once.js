// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client } = await pair(certs.expired,
    { ca: certs.otherCa, rejectUnauthorized: false });
  log('authorized', client.authorized);
  log.differs('first-cause', { node: 'CERT_HAS_EXPIRED',
    tlstream: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, client.authorizationError);
});
