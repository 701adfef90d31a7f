// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, attempt } = require('../program');

run(async () => {
  for (const rejectUnauthorized of [undefined, null, 0, '']) {
    log('given', rejectUnauthorized);
    await attempt(certs.selfSigned, { rejectUnauthorized },
      { sides: ['client'] });
  }
});
