// SPDX-License-Identifier: MIT
'use strict';

// arguments: --no-warnings

const { tls, log, certs, run, listen, connect, once } = require('../program');

let warning = null;
process.on('warning', (each) => { warning = each.code; });

run(async () => {
  const ciphers = 'NO-SUCH-CIPHER:ECDHE-ECDSA-AES128-GCM-SHA256';
  const port = await listen(tls.createServer(certs.ec));
  const client = connect(port, { ciphers, maxVersion: 'TLSv1.2' });
  await once(client, 'secureConnect');
  log('got', client.getCipher().name);
  log.differs('unknown-ciphers',
    { node: null, tlstream: 'TLSTREAM_UNKNOWN_CIPHER' }, warning);
});
