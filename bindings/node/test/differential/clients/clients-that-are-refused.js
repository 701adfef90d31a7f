// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

const REASONS = {
  clientStranger: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  clientSelfSigned: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  clientExpired: 'CERT_HAS_EXPIRED',
};

async function refuse(maxVersion) {
  const server = tls.createServer({ ...certs.ec, ca: certs.ca,
    requestCert: true, maxVersion }, () => log('never'));
  const port = await listen(server);
  for (const [name, reason] of Object.entries(REASONS)) {
    const refused = once(server, 'tlsClientError');
    connect(port, certs[name]).resume().on('error', () => {});
    const [error, socket] = await refused;
    log(maxVersion, name, socket.authorized);
    log.differs('refused-clients', { node: 'ECONNRESET', tlstream: reason },
      error.code);
  }
}

run(async () => {
  await refuse('TLSv1.2');
  await refuse('TLSv1.3');
});
