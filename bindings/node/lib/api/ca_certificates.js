// SPDX-License-Identifier: MIT
// The trusted certificates: getCACertificates(), setDefaultCACertificates().
'use strict';
const { X509Certificate } = require('crypto');
const { forgetShared } = require('../options/context');
const { codedError } = require('../errors/coded_error');
const {
  ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE,
} = require('../errors/engine_errors');
const tls = require('../node_tls');
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
const cache = new Map();

// Like Node's, but the default is the system's roots instead of Mozilla's.
function getCACertificates(type = 'default') {
  check.string(type, 'type');
  if (!Object.hasOwn(trusted, type)) {
    throw new ERR_INVALID_ARG_VALUE('type', type);
  }
  if (!cache.has(type)) cache.set(type, trusted[type]());
  return cache.get(type);
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

// The trust of contexts without `ca` that are made from now on.
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
  cache.delete('default');
  forgetShared();
}

module.exports = { getCACertificates, setDefaultCACertificates };
