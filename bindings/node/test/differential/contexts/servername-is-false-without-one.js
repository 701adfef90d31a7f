// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  const arrival = once(server, 'secureConnection');
  const client = use(tls.connect({ port, host: '127.0.0.1', ca: certs.ca }));
  await once(client, 'secureConnect');
  const [socket] = await arrival;
  log('server', socket.servername);
  log('client', client.servername);
});
