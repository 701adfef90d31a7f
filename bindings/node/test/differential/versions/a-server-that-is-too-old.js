// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, attempt } = require('../program');

run(async () => {
  await attempt({ ...certs.ec, maxVersion: 'TLSv1.2' },
    { minVersion: 'TLSv1.3' });
});
