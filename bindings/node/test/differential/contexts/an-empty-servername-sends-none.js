// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server, 0, 'localhost');
  const arrival = once(server, 'secureConnection');
  const client = use(tls.connect({ port, host: 'localhost', ca: certs.ca,
    servername: '' }));
  await once(client, 'secureConnect');
  const [socket] = await arrival;
  log('server', socket.servername);
  log('authorized for the host', client.authorized);
});
