// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  const client = connect(port, {});
  log('before', client.getCipher());
  await once(client, 'secureConnect');
  log('in between', client.getCipher());
  client.destroy();
  log('after', client.getCipher());
});
