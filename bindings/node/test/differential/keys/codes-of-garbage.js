// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run } = require('../program');

function thrown(options) {
  try {
    tls.createSecureContext(options);
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  log('key', thrown({ ...certs.ec, key: 'words' }));
  log('certificate', thrown({ ...certs.ec, cert: 'words' }));
});
