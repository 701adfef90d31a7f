// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, attempt } = require('../program');

run(async () => {
  await attempt(
    { ...certs.ec, ca: certs.ca, requestCert: true, maxVersion: 'TLSv1.3' }, {},
    { sides: ['server'] });
});
