// SPDX-License-Identifier: MIT
// Node's certificate object from the engine's JSON: bytes become Buffers, and
// with `detailed` the issuers are included; a root is its own issuer.
'use strict';
const { X509Certificate } = require('crypto');

const BYTES = ['pubkey', 'raw'];

// In the engine's JSON and in Node's X509Certificate, not in Node's object.
const OMITTED = ['asymmetricKeyType', 'publicKey', 'signatureAlgorithm',
  'signatureAlgorithmOid', 'subjectAltNames'];

// The keys come from the peer, and may be "constructor" or "__proto__".
function withoutPrototype(object) {
  return Object.assign(Object.create(null), object);
}

function translate(certificate) {
  for (const name of ['subject', 'issuer', 'infoAccess']) {
    if (certificate[name]) {
      certificate[name] = withoutPrototype(certificate[name]);
    }
  }
  for (const name of BYTES) {
    if (certificate[name] !== undefined) {
      certificate[name] = Buffer.from(certificate[name], 'base64');
    }
  }
  for (const name of OMITTED) delete certificate[name];
  return certificate;
}

function isOwnIssuer({ raw }) {
  try {
    const x509 = new X509Certificate(raw);
    return x509.checkIssued(x509);
  } catch {
    return false;
  }
}

/**
 * Node's object for the JSON of a certificate and its issuers; an empty one
 * for none (null).
 */
function fromJson(json, detailed) {
  if (json === null || json === undefined) return {};
  const certificate = translate(JSON.parse(json));
  if (!detailed) {
    delete certificate.issuerCertificate;
    return certificate;
  }
  let last = certificate;
  while (last.issuerCertificate) last = translate(last.issuerCertificate);
  if (isOwnIssuer(last)) last.issuerCertificate = last;
  return certificate;
}

module.exports = { fromJson };
