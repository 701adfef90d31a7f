// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, waitFor } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  const error = await waitFor('the callback',
    new Promise((done) => server.close(done)));
  log('error', error);
});
