// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  const client = use(tls.connect({ port, host: 'localhost', ca: certs.ca,
    lookup(name, options, done) {
      log('asked for', name);
      if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
      else done(null, '127.0.0.1', 4);
    } }));
  await once(client, 'secureConnect');
  log('authorized', client.authorized, client.remoteAddress);
});
