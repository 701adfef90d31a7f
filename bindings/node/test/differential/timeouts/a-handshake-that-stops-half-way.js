// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, once } = require('../program');
const { plain, closed } = require('../parts');

run(async () => {
  const server = tls.createServer({ ...certs.ec, handshakeTimeout: 80 });
  const client = plain(await listen(server));
  client.write(Buffer.from('160301010001', 'hex'));
  const [error, socket] = await once(server, 'tlsClientError');
  log('error', error);
  socket.destroy();
  await closed(client.resume());
});
