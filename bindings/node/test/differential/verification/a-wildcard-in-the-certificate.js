// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.wild));
  for (const servername of ['a.wild.test', 'A.Wild.Test', 'wild.test',
    'a.b.wild.test']) {
    const client = connect(port, { servername, rejectUnauthorized: false });
    await once(client, 'secureConnect');
    log(servername, client.authorized, client.authorizationError);
  }
});
