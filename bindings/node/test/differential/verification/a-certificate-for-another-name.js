// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const client = connect(await listen(tls.createServer(certs.wrongName)));
  const [error] = await once(client, 'error');
  log('error', error);
  log('host', error.host);
  log('certificate', error.cert.subjectaltname);
  log.message(error);
  log('reason', error.reason);
  log('authorized', client.authorized, client.authorizationError);
});
