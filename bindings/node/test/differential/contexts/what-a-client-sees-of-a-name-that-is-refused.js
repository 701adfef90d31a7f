// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

function SNICallback(servername, callback) {
  callback(new Error('nobody of that name'));
}

run(async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const port = await listen(tls.createServer({ ...certs.ec, SNICallback }));
    const client = connect(port, { maxVersion });
    client.resume();
    const [error] = await once(client, 'error');
    log.differs('alerts', { node: 'ECONNRESET',
      tlstream: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME' }, error.code);
    log('authorized', client.authorized, client.servername);
  }
});
