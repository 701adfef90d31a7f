// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, once } = require('../program');
const { plain } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  for (const way of ['end', 'destroy', 'resetAndDestroy']) {
    const arrival = once(server, 'connection');
    const failed = once(server, 'tlsClientError');
    const client = plain(port);
    await Promise.all([arrival, once(client, 'connect')]);
    client[way]();
    const [error] = await failed;
    log.message(error);
  }
});
