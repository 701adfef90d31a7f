// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');
const { closed } = require('../parts');

run(async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const { client, socket } = await pair({ ...certs.ec, allowHalfOpen: true },
      { maxVersion });
    client.end('question');
    const question = await read(socket);
    log('states', client.readyState, socket.readyState);
    socket.end(`${question} answered`);
    log('text', await read(client));
    await closed(client, socket);
    log('states', client.readyState, socket.readyState);
  }
});
