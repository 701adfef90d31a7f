// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.rsa);
  server.addContext('localhost', certs.other);
  server.addContext('localhost', certs.ec);
  const port = await listen(server);
  const client = connect(port);
  await once(client, 'secureConnect');
  log('got', client.getPeerCertificate().subject.CN);
});
