// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, waitFor } = require('../program');
const { collect, pairThrough } = require('../parts');

const RECORD = 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC';

// Node names what failed inside OpenSSL, which depends on the version; and
// leaves the connection as it is.
run(async () => {
  for (const [maxVersion, inside] of [
    ['TLSv1.2', 'ERR_SSL_CIPHER_OPERATION_FAILED'], ['TLSv1.3', RECORD]]) {
    const { client, socket, near, far } =
      await pairThrough(certs.ec, { maxVersion });
    client.resume().on('error', () => {});
    const seen = collect(socket, 'data', 'end', 'error');
    near.unpipe();
    near.on('data', (each) => {
      each[each.length - 1] ^= 1;
      far.write(each);
    }).resume();
    client.write('as I said');
    await waitFor('error', new Promise((done) => socket.once('error', done)));
    log.differs('codes', { node: [['error', inside]],
      tlstream: [['error', RECORD]] }, seen);
    log.differs('error-then-close', { node: false, tlstream: true },
      socket.destroyed);
  }
});
