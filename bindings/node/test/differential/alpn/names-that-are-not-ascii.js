// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const ALPNProtocols = ['grüße', 'a'];
  const { client } = await pair({ ...certs.ec, ALPNProtocols },
    { ALPNProtocols });
  log('in bytes', Buffer.from(client.alpnProtocol, 'latin1'));
});
