// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect } = require('../program');

// What the server reports of a client that does not trust it.
run(async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const server = tls.createServer({ ...certs.expired, maxVersion });
    const seen = new Promise((done) => {
      server.on('tlsClientError', (error) => done(error.code));
      server.on('secureConnection', (socket) =>
        socket.resume().on('error', () => {}).on('close', () => done()));
    });
    connect(await listen(server)).on('error',
      (error) => log('client', maxVersion, error));
    const reason = await seen;
    log.differs('alerts', { node: 'none',
      tlstream: 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED' },
    reason?.includes('ALERT') ? reason : 'none');
  }
});
