// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  for (const name of ['ec', 'rsa', 'other']) {
    const port = await listen(tls.createServer(certs[name]));
    const client = connect(port);
    await once(client, 'secureConnect');
    log(name, client.getPeerCertificate().subject.CN);
  }
});
