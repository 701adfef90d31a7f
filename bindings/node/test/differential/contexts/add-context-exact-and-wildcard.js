// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  server.addContext('one.wild.test', certs.a);
  server.addContext('*.wild.test', certs.wild);
  const port = await listen(server);
  const client = connect(port,
    { servername: 'one.wild.test', rejectUnauthorized: false });
  await once(client, 'secureConnect');
  log.differs('precedence', { node: 'wild', tlstream: 'a' },
    client.getPeerCertificate().subject.CN);
});
