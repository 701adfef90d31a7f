// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, pair, listen, connect, once } =
  require('../program');

run(async () => {
  const { socket } = await pair(certs.ec, {});
  log('of the client', socket.getPeerCertificate());
  log('detailed', socket.getPeerCertificate(true));
  const client = connect(await listen(tls.createServer(certs.ec)));
  log('before it is secure', client.getPeerCertificate());
  await once(client, 'secureConnect');
  log('then', client.getPeerCertificate().subject.CN);
});
