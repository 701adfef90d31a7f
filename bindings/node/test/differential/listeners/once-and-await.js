// SPDX-License-Identifier: MIT
'use strict';

const { once } = require('node:events');
const { tls, log, certs, run, listen, connect } = require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  const arrival = once(server, 'secureConnection');
  const client = connect(port);
  log('arguments', await once(client, 'secureConnect'));
  const [socket] = await arrival;
  client.end('x');
  log('data', await once(socket, 'data'));
  log('end', await once(socket, 'end'));
});
