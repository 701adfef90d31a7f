// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, attempt } = require('../program');

run(async () => {
  await attempt(certs.expired, {}, { sides: ['client'] });
});
