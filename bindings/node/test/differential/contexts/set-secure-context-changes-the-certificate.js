// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.rsa);
  const port = await listen(server);
  const first = connect(port);
  await once(first, 'secureConnect');
  server.setSecureContext(certs.ec);
  const second = connect(port);
  await once(second, 'secureConnect');
  log('first', first.getPeerCertificate().subject.CN, first.readyState);
  log('second', second.getPeerCertificate().subject.CN);
});
