// SPDX-License-Identifier: MIT
'use strict';

const { certs, log, run, attempt } = require('../program');

run(async () => {
  log('a certificate alone');
  await attempt({ cert: certs.ec.cert }, {}, { sides: ['client'] });
  log('a key alone');
  await attempt({ key: certs.ec.key }, {}, { sides: ['client'] });
});
