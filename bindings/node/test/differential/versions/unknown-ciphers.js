// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run } = require('../program');

function thrown(ciphers) {
  try {
    tls.createSecureContext({ ciphers });
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  log('one', thrown('NO-SUCH-CIPHER'));
  log('a suite', thrown('TLS_NO_SUCH_SUITE'));
  log('empty', thrown(''));
});
