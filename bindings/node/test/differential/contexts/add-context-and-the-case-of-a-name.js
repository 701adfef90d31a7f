// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  server.addContext('a.test', certs.a);
  const port = await listen(server);
  const client = connect(port,
    { servername: 'A.Test', rejectUnauthorized: false });
  await once(client, 'secureConnect');
  log.hosts({ 20: 'ec', 26: 'a', tlstream: 'a' },
    client.getPeerCertificate().subject.CN);
});
