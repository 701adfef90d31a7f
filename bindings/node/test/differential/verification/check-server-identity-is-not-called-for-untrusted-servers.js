// SPDX-License-Identifier: MIT
'use strict';

const { certs, log, run, attempt } = require('../program');

run(async () => {
  await attempt(certs.expired, {
    checkServerIdentity: () => log('asked'),
  }, { sides: ['client'] });
});
