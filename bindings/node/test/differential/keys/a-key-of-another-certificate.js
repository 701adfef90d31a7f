// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run } = require('../program');

function thrown(key, cert) {
  try {
    tls.createSecureContext({ key, cert });
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  log('same kind', thrown(certs.ec.key, certs.other.cert));
  log.differs('keys', { node: undefined,
    tlstream: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' },
  thrown(certs.rsa.key, certs.ec.cert).code);
});
