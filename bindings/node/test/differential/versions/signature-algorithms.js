// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, attempt } = require('../program');

run(async () => {
  await attempt(certs.ec, { sigalgs: 'RSA-PSS+SHA256' });
});
