// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run } = require('../program');

function thrown(options) {
  try {
    tls.createSecureContext(options);
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  for (const version of ['TLSv1.4', 'SSLv3', 'tlsv1.2', '', 5, 0x303, null]) {
    log('min', version, thrown({ minVersion: version }));
    log('max', version, thrown({ maxVersion: version }));
  }
});
