// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  server.addContext('a.test', certs.a);
  server.addContext('b.test', tls.createSecureContext(certs.b));
  const port = await listen(server);
  for (const servername of ['a.test', 'b.test', 'localhost']) {
    const client = connect(port, { servername });
    await once(client, 'secureConnect');
    log(servername, client.getPeerCertificate().subject.CN, client.authorized);
  }
});
