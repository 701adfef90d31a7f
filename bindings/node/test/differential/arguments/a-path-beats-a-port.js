// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  await listen(tls.createServer(certs.ec), './socket');
  const client = use(tls.connect({ path: './socket', port: 1, ca: certs.ca }));
  await once(client, 'secureConnect');
  log('authorized', client.authorized);
});
