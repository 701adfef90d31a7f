// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer({ ...certs.ec, ca: certs.ca,
    requestCert: true });
  server.addContext('a.test', { ...certs.a, ca: certs.ca });
  const port = await listen(server);
  const arrival = once(server, 'secureConnection');
  const client = connect(port, { servername: 'a.test', ...certs.client });
  await once(client, 'secureConnect');
  const [socket] = await arrival;
  log('authorized', socket.authorized);
  log('client', socket.getPeerCertificate().subject);
});
