// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

const NAMES = ['authorized', 'authorizationError', 'encrypted', 'alpnProtocol',
  'servername', 'secureConnecting', 'connecting', 'pending', 'readyState',
  'bytesRead', 'bytesWritten', 'remoteAddress', 'allowHalfOpen'];

function describe(when, socket) {
  for (const name of NAMES) log(when, name, socket[name]);
}

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  const client = connect(port);
  describe('before', client);
  await once(client, 'secureConnect');
  describe('after', client);
});
