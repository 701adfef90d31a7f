// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

// With TLS 1.3 a client is done before the server has seen its certificate.
run(async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const server = tls.createServer({ ...certs.ec, ca: certs.ca, maxVersion,
      requestCert: true }, () => log('never'));
    const client = connect(await listen(server));
    let connected = false;
    client.on('secureConnect', () => { connected = client.authorized; });
    client.resume();
    const [error] = await once(client, 'error');
    log(maxVersion, 'connected', connected, 'and then', error);
  }
});
