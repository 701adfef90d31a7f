// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, once } = require('../program');
const { plain, closed } = require('../parts');

const JUNK = {
  'an ssh client': Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'),
  'a mail client': Buffer.from('EHLO me.test\r\nMAIL FROM:<me@me.test>\r\n'),
  'zeros': Buffer.alloc(100),
  'all ones': Buffer.alloc(100, 0xff),
  'a proxy line': Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'),
  'an alert': Buffer.from('15030300020228', 'hex'),
  'a hello of nonsense': Buffer.from(`16030100200100001c${'ab'.repeat(28)}`,
    'hex'),
};

const DATA = Buffer.from(`1703030010${'00'.repeat(16)}`, 'hex');
const TOO_LONG = Buffer.from(`160301ffff${'00'.repeat(100)}`, 'hex');

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
  for (const [name, bytes] of Object.entries(JUNK))
    log(name, await send(server, port, bytes));
  log.differs('codes', { node: 'ERR_SSL_UNEXPECTED_MESSAGE',
    tlstream: 'ERR_SSL_WRONG_VERSION_NUMBER' },
  await send(server, port, DATA));
  log.hosts({
    20: 'ERR_SSL_PACKET_LENGTH_TOO_LONG',
    26: 'ERR_SSL_DATA_LENGTH_TOO_LONG',
    tlstream: 'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  }, await send(server, port, TOO_LONG));
});
