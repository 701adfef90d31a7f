// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.ec), 0, 'localhost');
  for (const [host, servername] of [['localhost', undefined],
    ['localhost', 'x.test'], ['localhost', ''], [undefined, undefined]]) {
    const client = use(tls.connect({ port, host, servername, ca: certs.ca,
      checkServerIdentity: (asked) => log('given', host, servername, asked) }));
    await once(client, 'secureConnect');
  }
});
