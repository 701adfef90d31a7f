// SPDX-License-Identifier: MIT
// What tls exports besides connections: pure functions, which are Node's own,
// and the certificates that are trusted.
'use strict';
const { X509Certificate } = require('crypto');
const { forgetUsual } = require('../options/context');
const { codedError } = require('../errors/coded_error');
const {
  ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE,
} = require('../errors/engine_errors');
const tls = require('../node_tls');
const { toWire } = require('../options/protocols');
const roots = require('../options/roots');
const check = require('../options/validate');

function unique(list) {
  return Object.freeze([...new Set(list)]);
}

const trusted = {
  bundled: () => tls.rootCertificates,
  default: () => roots.replacedRoots() ||
    unique([...tls.getCACertificates('system'), ...roots.extraRoots()]),
  extra: () => Object.freeze([...roots.extraRoots()]),
  system: () => tls.getCACertificates('system'),
};
const known = new Map();

// Like Node's, but that the default is the system's roots, not Mozilla's.
function getCACertificates(type = 'default') {
  check.string(type, 'type');
  if (!Object.hasOwn(trusted, type)) {
    throw new ERR_INVALID_ARG_VALUE('type', type);
  }
  if (!known.has(type)) known.set(type, trusted[type]());
  return known.get(type);
}

function pemOf(certificate, index) {
  if (typeof certificate === 'string') return certificate;
  return check.viewBytes(certificate, `certs[${index}]`,
    ['string', 'ArrayBufferView']).toString('latin1');
}

function isCertificate(pem) {
  try {
    return Boolean(new X509Certificate(pem));
  } catch {
    return false;
  }
}

// For contexts that are made from now on.
function setDefaultCACertificates(certs) {
  if (!Array.isArray(certs)) {
    throw new ERR_INVALID_ARG_TYPE('certs', 'Array', certs);
  }
  const found = certs.map(pemOf).flatMap(roots.certificatesIn)
    .filter(isCertificate);
  if (certs.length > 0 && found.length === 0) {
    throw codedError('ERR_CRYPTO_OPERATION_FAILED',
      'No valid certificates found in the provided array');
  }
  roots.setDefaultRoots(unique(found));
  known.delete('default');
  forgetUsual();
}

// As http2 and others call it: the list in the form of the wire becomes a
// property of `out`.
function convertALPNProtocols(protocols, out) {
  if (Array.isArray(protocols) || ArrayBuffer.isView(protocols)) {
    out.ALPNProtocols = toWire(protocols) || Buffer.alloc(0);
  }
}

module.exports = {
  checkServerIdentity: tls.checkServerIdentity,
  convertALPNProtocols,
  getCiphers: tls.getCiphers,
};

// What this Node has no counterpart of would only confuse who looks for it.
for (const [name, value] of Object.entries({
  getCACertificates, setDefaultCACertificates,
})) {
  if (tls[name]) module.exports[name] = value;
}
if (tls.getCertificateCompressionAlgorithms) {
  // None is spoken here.
  module.exports.getCertificateCompressionAlgorithms = () => [];
}
