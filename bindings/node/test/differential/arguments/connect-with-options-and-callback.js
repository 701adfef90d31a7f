// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  await new Promise((done) => {
    const options = { port, host: '127.0.0.1', ca: certs.ca };
    const client = use(tls.connect(options, () => {
      log('authorized for the address', client.authorized);
      log('options are left alone', Object.keys(options));
      done();
    }));
  });
});
