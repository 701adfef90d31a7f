// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');
const { closed } = require('../parts');

run(async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const { client, socket } = await pair(certs.ec,
      { allowHalfOpen: true, maxVersion });
    socket.end('goodbye');
    log('text', await read(client));
    log('still writable', client.writable, client.destroyed);
    client.write('but I have ');
    client.end('more to say');
    log('text', await read(socket));
    await closed(client, socket);
  }
});
