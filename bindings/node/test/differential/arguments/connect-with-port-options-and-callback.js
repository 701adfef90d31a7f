// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec), 0, 'localhost');
  await new Promise((done) => {
    const client = use(tls.connect(port, { ca: certs.ca }, () => {
      log('authorized for localhost', client.authorized);
      done();
    }));
  });
});
