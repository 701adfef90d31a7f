// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.selfSigned), 0, 'localhost');
  const client = use(tls.connect(port));
  const [error] = await once(client, 'error');
  log('refused by default', error);
  log('tells', client.authorized, client.authorizationError);
});
