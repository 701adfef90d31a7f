// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run } = require('../program');

run(async () => {
  for (const name of ['connect', 'createServer', 'createSecureContext',
    'checkServerIdentity', 'getCiphers', 'TLSSocket', 'Server',
    'SecureContext', 'convertALPNProtocols'])
    log(name, typeof tls[name]);
  log('versions', tls.DEFAULT_MIN_VERSION, tls.DEFAULT_MAX_VERSION);
  log('curve', tls.DEFAULT_ECDH_CURVE);
  log('renegotiation', tls.CLIENT_RENEG_LIMIT, tls.CLIENT_RENEG_WINDOW);
  log('roots', Array.isArray(tls.rootCertificates),
    Object.isFrozen(tls.rootCertificates),
    tls.rootCertificates[0].startsWith('-----BEGIN CERTIFICATE-----'));
});
