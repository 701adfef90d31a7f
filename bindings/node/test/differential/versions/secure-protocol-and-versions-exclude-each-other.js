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
  const secureProtocol = 'TLSv1_2_method';
  log('min', thrown({ secureProtocol, minVersion: 'TLSv1.2' }));
  log('max', thrown({ secureProtocol, maxVersion: 'TLSv1.2' }));
  log('alone', thrown({ secureProtocol }));
});
