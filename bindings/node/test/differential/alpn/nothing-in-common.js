// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, attempt } = require('../program');

run(async () => {
  await attempt({ ...certs.ec, ALPNProtocols: ['a'] },
    { ALPNProtocols: ['b', 'c'] });
});
