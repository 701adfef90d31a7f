// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run } = require('../program');

function thrown(options) {
  try {
    tls.createSecureContext(options);
    return 'nothing';
  } catch (error) {
    return error.name;
  }
}

const { key, cert } = certs.ec;
const cut = (pem) => pem.slice(0, pem.length / 2);

run(async () => {
  log('a key of words', thrown({ key: 'words', cert }));
  log('a certificate of words', thrown({ key, cert: 'words' }));
  log('a key that is cut', thrown({ key: cut(key), cert }));
  log('a certificate that is cut', thrown({ key, cert: cut(cert) }));
  log('exchanged', thrown({ key: cert, cert: key }));
  log('zeros', thrown({ key: Buffer.alloc(100), cert }));
});
