// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const stream = require('node:stream');
const { tls, log, certs, run, use, listen, connect, once } =
  require('../program');

run(async () => {
  const server = tls.createServer(certs.ec, function(socket) {
    log('listener', arguments.length, this === server, use(socket).authorized);
    log('is a', socket instanceof tls.TLSSocket, socket instanceof net.Socket,
      socket instanceof stream.Duplex);
  });
  const port = await listen(server);
  const client = connect(port);
  await Promise.all([once(client, 'secureConnect'),
    once(server, 'secureConnection')]);
});
