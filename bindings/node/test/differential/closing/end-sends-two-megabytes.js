// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { bytes, digest, closed } = require('../parts');

run(async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const { client, socket } = await pair(certs.ec, { maxVersion });
    const data = bytes(2 * 1024 * 1024);
    socket.end(data);
    log('the same', await digest(client) === await digest(data));
    await closed(client, socket);
    log('no error', client.errored, socket.errored);
  }
});
