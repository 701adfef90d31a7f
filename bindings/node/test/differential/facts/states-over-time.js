// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once, use } =
  require('../program');
const { closed } = require('../parts');

function states(socket) {
  const { connecting, pending, readyState, secureConnecting, encrypted,
    authorized, authorizationError, destroyed } = socket;
  return { connecting, pending, readyState, secureConnecting, encrypted,
    authorized, authorizationError, destroyed };
}

run(async () => {
  const server = tls.createServer(certs.ec);
  const arrival = once(server, 'secureConnection');
  const client = connect(await listen(server));
  log('new', states(client));
  await once(client, 'connect');
  log('connected', states(client));
  await once(client, 'secureConnect');
  log('secure', states(client));
  const socket = use((await arrival)[0]);
  log('server', states(socket));
  client.resume().end();
  log('ended', states(client));
  socket.resume();
  await closed(client, socket);
  log('closed', states(client));
  log('server', states(socket));
});
