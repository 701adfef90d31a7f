// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');
const { plain } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec);
  server.on('tlsClientError', () => {});
  const raw = plain(await listen(server));
  await once(raw, 'connect');
  const client = use(new tls.TLSSocket(raw,
    { secureContext: tls.createSecureContext({ ca: certs.ca }) }));
  client.write('nobody asked who is there');
  log.differs('made-by-hand',
    { node: 'secure', tlstream: 'ERR_TLSTREAM_NO_NAME' },
    await once(client, 'secure').then(() => 'secure', ({ code }) => code));
});
