// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec, function first(...values) {
    log('listener', values.length, values[0] instanceof tls.TLSSocket,
      this === server);
  });
  server.on('secureConnection', (socket) => {
    log('event', socket.secureConnecting, socket.encrypted);
  });
  const arrival = once(server, 'secureConnection');
  const client = connect(await listen(server));
  await Promise.all([arrival, once(client, 'secureConnect')]);
  log('listeners', server.listenerCount('secureConnection'));
});
