// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(
    { ...certs.ec, ALPNProtocols: ['h2', 'http/1.1'], maxVersion: 'TLSv1.2' },
    { ALPNProtocols: ['http/1.1', 'h2'] });
  log('agreed on', client.alpnProtocol, socket.alpnProtocol);
  log('over', client.getProtocol());
});
