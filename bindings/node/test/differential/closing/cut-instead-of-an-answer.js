// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, once } = require('../program');
const { record, closed, pairThrough } = require('../parts');

// Nothing of an answer has arrived, and nothing can be incomplete.
run(async () => {
  for (const ends of [false, true]) {
    const { client, socket, near } =
      await pairThrough({ ...certs.ec, allowHalfOpen: true });
    record('client', client.resume(), 'end', 'finish', 'error', 'close');
    socket.on('error', () => {});
    if (ends) client.end('request');
    else client.write('request');
    await once(socket, 'data');
    near.end();
    await closed(client);
    log.differs('truncated', { tlstream: true }, client.truncated);
  }
});
