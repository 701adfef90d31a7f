// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const { client, socket } =
      await pair(certs.ec, { minVersion: version, maxVersion: version });
    log(version, client.getProtocol(), socket.getProtocol());
    socket.on('error', () => {}); // of a client that just goes away
    client.destroy();
    log('afterwards', client.getProtocol());
  }
});
