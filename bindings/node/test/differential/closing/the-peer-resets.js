// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run } = require('../program');
const { record, closed, pairThrough } = require('../parts');

run(async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const { client, socket, near, far } =
      await pairThrough(certs.ec, { maxVersion });
    record('client', client.resume(), 'end', 'error', 'close');
    record('server', socket.resume(), 'end', 'error', 'close');
    client.once('error', ({ syscall }) => log('syscall', syscall));
    near.resetAndDestroy();
    await closed(client);
    far.resetAndDestroy();
    await closed(socket);
  }
});
