// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const ALPNCallback = () => log('never asked');
  const { client } = await meet({ ...certs.ec, ALPNProtocols: ['a'] },
    { ALPNProtocols: ['a'], ALPNCallback });
  log('agreed on', client.alpnProtocol);
});
