// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run } = require('../program');

run(async () => {
  for (const nothing of [undefined, null, '', false, 0]) {
    const context = tls.createSecureContext(
      { key: nothing, cert: nothing, ca: nothing });
    log('given', nothing, context instanceof tls.SecureContext);
  }
});
