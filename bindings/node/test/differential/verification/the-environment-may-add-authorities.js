// SPDX-License-Identifier: MIT
'use strict';

// environment: NODE_EXTRA_CA_CERTS={certs}/ca.pem

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  const client = use(tls.connect(port, '127.0.0.1'));
  await once(client, 'secureConnect');
  log('authorized', client.authorized);
});
