// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer({ ...certs.ec, ca: certs.ca,
    requestCert: true, rejectUnauthorized: false });
  server.addContext('a.test', { ...certs.a, ca: certs.otherCa });
  const port = await listen(server);
  for (const identity of ['client', 'clientStranger']) {
    const arrival = once(server, 'secureConnection');
    connect(port, { servername: 'a.test', ...certs[identity] });
    const [socket] = await arrival;
    log(identity, socket.authorized);
  }
});
