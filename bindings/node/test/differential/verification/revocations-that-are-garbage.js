// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run } = require('../program');

function thrown(crl) {
  try {
    tls.createSecureContext({ crl });
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  log('garbage', thrown('garbage'));
  log('a number', thrown(5));
  log('a list', thrown([certs.crl, certs.emptyCrl]));
});
