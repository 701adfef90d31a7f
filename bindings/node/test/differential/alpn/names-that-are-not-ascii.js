// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const ALPNProtocols = ['grüße', 'a'];
  const { client } = await meet({ ...certs.ec, ALPNProtocols },
    { ALPNProtocols });
  log('in bytes', Buffer.from(client.alpnProtocol, 'latin1'));
});
