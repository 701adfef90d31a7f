// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  server.addContext('*.wild.test', certs.wild);
  const port = await listen(server);
  for (const servername of ['one.wild.test', 'wild.test', 'a.b.wild.test',
    'wild-test', 'one.wild.test.org', 'oneXwildXtest']) {
    const client = connect(port, { servername, rejectUnauthorized: false });
    await once(client, 'secureConnect');
    log(servername, client.getPeerCertificate().subject.CN,
      client.authorizationError);
  }
});
