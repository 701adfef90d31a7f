// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const seen = [];
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const { client } = await pair(certs.rich, { maxVersion });
    seen.push(JSON.stringify(client.getPeerCertificate()));
  }
  log('the same', seen[0] === seen[1]);
});
