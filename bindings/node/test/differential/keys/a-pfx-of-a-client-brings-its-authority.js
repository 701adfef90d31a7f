// SPDX-License-Identifier: MIT
'use strict';

const fs = require('node:fs');
const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.rsa));
  const { file, passphrase } = certs.pfx;
  const client = use(tls.connect({ port, host: '127.0.0.1', passphrase,
    pfx: fs.readFileSync(file), rejectUnauthorized: false }));
  await once(client, 'secureConnect');
  log.differs('pfx-trust', { node: true, tlstream: false }, client.authorized);
});
