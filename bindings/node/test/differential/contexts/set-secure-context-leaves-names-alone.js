// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.rsa);
  server.addContext('a.test', certs.a);
  const port = await listen(server);
  server.setSecureContext(certs.ec);
  const client = connect(port, { servername: 'a.test' });
  await once(client, 'secureConnect');
  log('got', client.getPeerCertificate().subject.CN);
});
