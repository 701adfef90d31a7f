// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.commonNameOnly));
  const client = connect(port, { rejectUnauthorized: false });
  await once(client, 'secureConnect');
  log.differs('common-name',
    { node: null, tlstream: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    client.authorizationError);
});
