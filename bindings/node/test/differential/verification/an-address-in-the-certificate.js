// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.addressOnly));
  const client = use(tls.connect(port, '127.0.0.1', { ca: certs.ca }));
  await once(client, 'secureConnect');
  log('authorized', client.authorized, client.authorizationError);
});
