// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { collect, closed } = require('../parts');

run(async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const { client, socket } = await pair(certs.ec, { maxVersion });
    const seen = collect(client.resume(), 'end', 'error', 'close');
    const events = collect(socket, 'end', 'error', 'close');
    socket.destroy();
    await closed(client, socket);
    log('the destroyer', events);
    log('the other one', seen);
  }
});
