// SPDX-License-Identifier: MIT
// with: register
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');
const { closed, plain } = require('../parts');

// A driver of MySQL begins TLS so.
async function ask(server, options) {
  const raw = plain(await listen(server));
  await once(raw, 'connect');
  const client = use(new tls.TLSSocket(raw, { requestCert: true,
    isServer: false, ...options }));
  const verdict = new Promise((done) => {
    client.on('secure', function () { done(this.ssl.verifyError()); });
  });
  client._start();
  log('verdict', await verdict);
  client.write('not refused, but by the program');
  client.destroy();
  await closed(client);
}

run(async () => {
  const server = () => tls.createServer(certs.ec, (socket) =>
    socket.on('error', () => {}).resume());
  for (const rejectUnauthorized of [true, false]) {
    await ask(server(), { ca: certs.ca, rejectUnauthorized });
    await ask(server(), { ca: certs.otherCa, rejectUnauthorized });
  }
});
