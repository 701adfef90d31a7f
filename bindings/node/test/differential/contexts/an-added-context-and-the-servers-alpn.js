// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const server = tls.createServer({ ...certs.ec, ALPNProtocols: ['two'] });
  server.addContext('a.test', certs.a);
  const port = await listen(server);
  const client = connect(port,
    { servername: 'a.test', ALPNProtocols: ['one', 'two'] });
  await once(client, 'secureConnect');
  log('agreed on', client.alpnProtocol);
});
