// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, attempt } = require('../program');

run(async () => {
  await attempt({ ...certs.ec, minVersion: 'TLSv1.3' },
    { maxVersion: 'TLSv1.2' });
});
