// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

function SNICallback(servername, callback) {
  log('asked for', servername);
  callback(null, null);
}

run(async () => {
  const server = tls.createServer({ ...certs.ec, SNICallback });
  const port = await listen(server);
  const arrival = once(server, 'secureConnection');
  const client = use(tls.connect(port, '127.0.0.1', { ca: certs.ca }));
  await once(client, 'secureConnect');
  const [socket] = await arrival;
  log('servername', client.servername, socket.servername);
});
