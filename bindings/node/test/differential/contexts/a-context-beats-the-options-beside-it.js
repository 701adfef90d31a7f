// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.selfSigned));
  const secureContext = tls.createSecureContext({ ca: certs.selfSigned.cert });
  const client = use(tls.connect({ port, host: '127.0.0.1', secureContext,
    ca: certs.otherCa }));
  await once(client, 'secureConnect');
  log('authorized', client.authorized);
});
