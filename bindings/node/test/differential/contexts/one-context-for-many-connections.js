// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  const secureContext = tls.createSecureContext({ ca: certs.ca });
  for (let i = 0; i < 3; i++) {
    const client = use(tls.connect({ port, host: '127.0.0.1',
      servername: 'localhost', secureContext }));
    await once(client, 'secureConnect');
    log('authorized', client.authorized);
    client.destroy();
    await once(client, 'close');
  }
});
