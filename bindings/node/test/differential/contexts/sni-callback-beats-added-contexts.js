// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

function SNICallback(servername, callback) {
  callback(null, tls.createSecureContext(certs.ec));
}

run(async () => {
  const server = tls.createServer({ ...certs.rsa, SNICallback });
  server.addContext('localhost', certs.other);
  const port = await listen(server);
  const client = connect(port);
  await once(client, 'secureConnect');
  log('got', client.getPeerCertificate().subject.CN);
});
