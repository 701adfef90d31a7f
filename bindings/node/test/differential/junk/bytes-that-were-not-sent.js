// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, waitFor } = require('../program');
const { collect, pairThrough } = require('../parts');

const NOT_TLS = 'ERR_SSL_WRONG_VERSION_NUMBER';

run(async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const { client, socket, near } =
      await pairThrough(certs.ec, { maxVersion });
    socket.resume().on('error', () => {});
    const seen = collect(client, 'data', 'end', 'error');
    near.write('HTTP/1.1 200 OK\r\n\r\n');
    await waitFor('error', new Promise((done) => client.once('error', done)));
    const newer = maxVersion === 'TLSv1.3' ? 'ERR_SSL_BAD_RECORD_TYPE' :
      NOT_TLS;
    log.hosts({ 20: NOT_TLS, 26: newer, tlstream: NOT_TLS }, seen[0][1]);
    log('events', seen.length);
    log.differs('error-then-close', { node: false, tlstream: true },
      client.destroyed);
  }
});
