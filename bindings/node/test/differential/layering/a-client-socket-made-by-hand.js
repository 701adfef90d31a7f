// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once, read } =
  require('../program');
const { plain } = require('../parts');

// Node leaves authorization to the program.
run(async () => {
  const server = tls.createServer(certs.ec, (socket) => socket.pipe(socket));
  const raw = plain(await listen(server));
  await once(raw, 'connect');
  const client = use(new tls.TLSSocket(raw, { servername: 'localhost',
    secureContext: tls.createSecureContext({ ca: certs.ca }) }));
  const secure = once(client, 'secure');
  client.write('made ');
  await secure;
  log('peer', client.getPeerCertificate().subject.CN, client.encrypted);
  log.differs('made-by-hand', { node: false, tlstream: true },
    client.authorized);
  client.end('by hand');
  log('text', await read(client));
});
