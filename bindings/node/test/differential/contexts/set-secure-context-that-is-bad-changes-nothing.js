// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

function thrown(server, options) {
  try {
    server.setSecureContext(options);
    return 'nothing';
  } catch (error) {
    return error.name;
  }
}

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  log('no object', thrown(server, 5));
  log('no key', thrown(server, { key: 5 }));
  log('garbage', thrown(server, { key: 'text', cert: certs.ec.cert }));
  const client = connect(port);
  await once(client, 'secureConnect');
  log('still', client.getPeerCertificate().subject.CN);
});
