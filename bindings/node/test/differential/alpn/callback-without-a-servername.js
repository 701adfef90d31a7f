// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');

function ALPNCallback({ servername, protocols }) {
  log('asked', servername, protocols);
  return protocols[0];
}

run(async () => {
  const port = await listen(tls.createServer({ ...certs.ec, ALPNCallback }));
  const client = use(tls.connect({ port, host: '127.0.0.1', ca: certs.ca,
    ALPNProtocols: ['a'] }));
  await once(client, 'secureConnect');
  log('agreed on', client.alpnProtocol);
});
