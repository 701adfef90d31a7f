// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

function SNICallback() {
  throw new RangeError('thrown by the callback');
}

run(async () => {
  const server = tls.createServer({ ...certs.ec, SNICallback });
  const refused = once(server, 'tlsClientError');
  const client = connect(await listen(server));
  client.on('error', () => {});
  const [error, socket] = await refused;
  log('tlsClientError', error, error.message);
  log('destroyed', socket.destroyed);
  log('still listening', server.listening);
});
