// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, once } = require('../program');
const { plain, closed } = require('../parts');

// A ClientHello of SSL 3.0 to TLS 1.1: {version} {random} no session,
// one suite, no compression.
function hello(version) {
  const body = `${version}${'5a'.repeat(32)}000002002f0100`;
  const length = (body.length / 2).toString(16).padStart(6, '0');
  const message = `01${length}${body}`;
  const whole = (message.length / 2).toString(16).padStart(4, '0');
  return Buffer.from(`160300${whole}${message}`, 'hex');
}

async function send(server, port, bytes) {
  const client = plain(port);
  client.write(bytes);
  const [error] = await once(server, 'tlsClientError');
  await closed(client.resume());
  return error.code;
}

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  for (const version of ['0301', '0302'])
    log(version, await send(server, port, hello(version)));
  log.differs('codes', { node: 'ERR_SSL_VERSION_TOO_LOW',
    tlstream: 'ERR_SSL_UNSUPPORTED_PROTOCOL' },
  await send(server, port, hello('0300')));
});
