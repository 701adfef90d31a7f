// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const ALPNCallback = () => log('never asked');
  const { client } = await pair({ ...certs.ec, ALPNProtocols: ['a'] },
    { ALPNProtocols: ['a'], ALPNCallback });
  log('agreed on', client.alpnProtocol);
});
