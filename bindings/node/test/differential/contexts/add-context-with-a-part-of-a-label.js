// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

async function subjectFor(servername, pattern) {
  const server = tls.createServer(certs.ec);
  try {
    server.addContext(pattern, certs.partial);
  } catch {
    return 'refused';
  }
  const client = connect(await listen(server), { servername });
  await once(client, 'secureConnect');
  return client.getPeerCertificate().subject.CN;
}

run(async () => {
  log.differs('wildcards', { node: 'partial', tlstream: 'refused' },
    await subjectFor('foo.partial.test', 'f*.partial.test'));
});
