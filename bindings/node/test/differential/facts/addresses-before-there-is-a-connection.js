// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect } = require('../program');

run(async () => {
  const client = connect(await listen(tls.createServer(certs.ec)));
  log('remote', client.remoteAddress, client.remotePort, client.remoteFamily);
  log('local', client.localAddress, client.localPort, client.address());
});
