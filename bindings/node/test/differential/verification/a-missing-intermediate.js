// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const { key, cert } = certs.chained;
  const client = connect(await listen(tls.createServer({ key, cert })));
  const [error] = await once(client, 'error');
  log('error', error);
  log('authorized', client.authorized, client.authorizationError);
});
