// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');
const { closed, plain, record } = require('../parts');

// What Node does not document, and programs use.
run(async () => {
  const server = tls.createServer(certs.ec, (socket) => socket.end('hello'));
  const raw = plain(await listen(server));
  await once(raw, 'connect');
  const client = use(new tls.TLSSocket(raw, { ca: certs.ca,
    servername: 'localhost' }));
  log('before', typeof client.ssl, client.ssl === client._handle,
    client._handle._parentWrap === raw, client._parent === raw);
  log('start', client._start());
  await once(client, 'secure');
  log('verdict', client.ssl.verifyError());
  log('released', client._releaseControl(), client._releaseControl());
  client.resume();
  await closed(client);
  log('after', client.ssl, client._handle);

  const other = plain(await listen(tls.createServer(certs.ec)));
  await once(other, 'connect');
  const broken = use(new tls.TLSSocket(other, { servername: 'localhost',
    maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }));
  record('broken', broken, '_tlsError', 'secure');
  broken._start();
  await closed(broken);
});
