// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run } = require('../program');

run(async () => {
  try {
    tls.createSecureContext({ ecdhCurve: 'no-such-curve' });
  } catch (error) {
    log('thrown', error);
  }
});
