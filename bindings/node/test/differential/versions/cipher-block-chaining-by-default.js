// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect } = require('../program');

const ciphers = 'ECDHE-ECDSA-AES128-SHA256';

run(async () => {
  const port = await listen(tls.createServer({ ...certs.ec, ciphers }));
  const client = connect(port, { maxVersion: 'TLSv1.2' });
  const agreed = await new Promise((done) => {
    client.on('secureConnect', () => done(client.getCipher().name));
    client.on('error', () => done('none'));
  });
  log.differs('suites', { node: ciphers, tlstream: 'none' }, agreed);
});
