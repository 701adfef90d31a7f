// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

function ALPNCallback() {
  throw new RangeError('thrown by the callback');
}

run(async () => {
  const server = tls.createServer({ ...certs.ec, ALPNCallback });
  const refused = once(server, 'tlsClientError');
  const client = connect(await listen(server), { ALPNProtocols: ['a'] });
  client.resume();
  const [[error], [seen]] = await Promise.all([refused, once(client, 'error')]);
  log('server', error, error.message);
  log.differs('alerts', { node: 'ECONNRESET',
    tlstream: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' }, seen.code);
  log('still listening', server.listening);
});
