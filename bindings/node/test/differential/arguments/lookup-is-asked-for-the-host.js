// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.a));
  const client = use(tls.connect({
    port,
    host: 'a.test',
    ca: certs.ca,
    lookup(host, options, callback) {
      log('lookup', host);
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    },
  }));
  client.on('lookup', (error, address, family, host) =>
    log('event', error, address, family, host));
  await once(client, 'secureConnect');
  log('authorized for a.test', client.authorized);
});
