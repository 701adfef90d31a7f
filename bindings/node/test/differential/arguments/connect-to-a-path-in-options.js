// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  await listen(tls.createServer(certs.ec), './socket');
  const client = use(tls.connect({ path: './socket', ca: certs.ca }, () => {
    log('secure', client.authorized, client.getProtocol());
  }));
  await once(client, 'secureConnect');
});
