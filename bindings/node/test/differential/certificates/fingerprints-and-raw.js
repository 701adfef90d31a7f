// SPDX-License-Identifier: MIT
'use strict';

const { createHash, X509Certificate } = require('node:crypto');
const { log, certs, run, pair } = require('../program');

function fingerprint(algorithm, bytes) {
  return createHash(algorithm).update(bytes).digest('hex').toUpperCase()
    .replace(/..(?!$)/g, '$&:');
}

run(async () => {
  const { client } = await pair(certs.ec, {});
  const certificate = client.getPeerCertificate();
  const { raw } = new X509Certificate(certs.ec.cert);
  log('raw', certificate.raw.equals(raw), Buffer.isBuffer(certificate.raw));
  log('SHA-1', certificate.fingerprint === fingerprint('sha1', raw));
  log('SHA-256', certificate.fingerprint256 === fingerprint('sha256', raw));
  log('SHA-512', certificate.fingerprint512 === fingerprint('sha512', raw));
});
