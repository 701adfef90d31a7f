// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

async function subject(port) {
  const client = connect(port, { servername: 'a.test',
    rejectUnauthorized: false });
  await once(client, 'secureConnect');
  return client.getPeerCertificate().subject.CN;
}

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  log('before', await subject(port));
  server.addContext('a.test', certs.a);
  log('after', await subject(port));
});
