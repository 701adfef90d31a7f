// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run } = require('../program');

run(async () => {
  try {
    tls.createServer({ ...certs.ec, ALPNProtocols: ['a'],
      ALPNCallback: () => 'a' });
  } catch (error) {
    log('thrown', error);
  }
});
