// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run } = require('../program');

run(async () => {
  const context = tls.createSecureContext(certs.ec);
  log('a', context instanceof tls.SecureContext, typeof context.context);
  const empty = tls.createSecureContext();
  log('no options', empty instanceof tls.SecureContext);
  log('two of them', context.context !== empty.context);
});
