// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.wrongName));
  const client = use(tls.connect(port, '127.0.0.1', { ca: certs.ca }));
  const [error] = await once(client, 'error');
  log('error', error, error.host);
  log.message(error);
});
