// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run, listen, connect, once } = require('../program');
const { closed } = require('../parts');

const NONE = 'ERR_SSL_NO_SHARED_CIPHER';

run(async () => {
  const server = tls.createServer();
  const port = await listen(server);
  for (const [maxVersion, node] of [['TLSv1.2', NONE],
    ['TLSv1.3', 'ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM']]) {
    const failed = once(server, 'tlsClientError');
    const client = connect(port, { maxVersion }).on('error', () => {});
    await closed(client);
    log.differs('codes', { node, tlstream: NONE }, (await failed)[0].code);
  }
  log('with a listener alone',
    tls.createServer(() => {}).listenerCount('secureConnection'));
});
