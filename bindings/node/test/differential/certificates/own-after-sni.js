// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  server.addContext('a.test', certs.a);
  const port = await listen(server);
  const arrival = once(server, 'secureConnection');
  const client = connect(port, { servername: 'a.test' });
  await once(client, 'secureConnect');
  const [socket] = await arrival;
  log('own', socket.getCertificate().subject);
});
