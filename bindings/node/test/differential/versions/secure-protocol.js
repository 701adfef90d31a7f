// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const secureProtocol of ['TLSv1_2_method', 'TLSv1_2_client_method',
    'TLS_method', 'TLS_client_method']) {
    const { client } = await pair(certs.ec, { secureProtocol });
    log(secureProtocol, client.getProtocol());
  }
});
