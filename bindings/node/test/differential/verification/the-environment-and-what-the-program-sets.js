// SPDX-License-Identifier: MIT
'use strict';

// environment: NODE_TLS_REJECT_UNAUTHORIZED=0

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.selfSigned));
  const client = use(tls.connect(port, '127.0.0.1',
    { rejectUnauthorized: true }));
  const [error] = await once(client, 'error');
  log('error', error);
});
