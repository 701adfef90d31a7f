// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

const REASONS = {
  clientStranger: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  clientSelfSigned: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  clientExpired: 'CERT_HAS_EXPIRED',
};

run(async () => {
  const server = tls.createServer({ ...certs.ec, ca: certs.ca,
    requestCert: true, maxVersion: 'TLSv1.2' }, () => log('never'));
  const port = await listen(server);
  for (const [name, reason] of Object.entries(REASONS)) {
    const refused = once(server, 'tlsClientError');
    connect(port, certs[name]).resume().on('error', () => {});
    const [error, socket] = await refused;
    log(name, socket.authorized);
    log.differs('refused-clients', { node: 'ECONNRESET', tlstream: reason },
      error.code);
  }
});
