// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.stranger));
  const client = connect(port);
  const [error] = await once(client, 'error');
  log('error', error);
  log('authorized', client.authorized, client.authorizationError);
});
