// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect } = require('../program');
const { closed, collect } = require('../parts');

run(async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const server = tls.createServer(certs.ec, (socket) => socket.destroy());
    const client = connect(await listen(server), { maxVersion });
    const seen = collect(client.resume(), 'end', 'close');
    client.on('error', () => {});
    await closed(client);
    log('closed once', seen.filter(([event]) => event === 'close').length);
  }
});
