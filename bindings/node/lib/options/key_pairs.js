// SPDX-License-Identifier: MIT
// `key`, `cert` and `pfx` in every form that Node accepts, as the pairs that
// the engine accepts.
'use strict';
const { X509Certificate, createPrivateKey } = require('crypto');
const { bytes, isNothing, string } = require('./validate');

function listOf(value) {
  if (!value) return [];
  return Array.isArray(value) ? value : [value];
}

function passphraseOf(given, fallback) {
  const passphrase = isNothing(given) ? fallback : given;
  return isNothing(passphrase) ? undefined
    : string(passphrase, 'options.passphrase');
}

// An element may have its own passphrase: {pem, passphrase}.
function readKeys({ key, passphrase }) {
  return listOf(key).map((each) => {
    const inside = Array.isArray(key) && !isNothing(each) &&
      each.pem !== undefined;
    return {
      key: bytes(inside ? each.pem : each, 'options.key'),
      passphrase: passphraseOf(inside ? each.passphrase : null, passphrase),
    };
  });
}

function readCertificates({ cert }) {
  return listOf(cert).map((each) => bytes(each, 'options.cert'));
}

function readBundles({ pfx, passphrase }) {
  return listOf(pfx).map((each) => {
    const inside = Array.isArray(pfx) && each && each.buf;
    return {
      data: bytes(inside ? each.buf : each, 'options.pfx', 'latin1'),
      passphrase: passphraseOf(inside ? each.passphrase : null, passphrase),
    };
  });
}

// As in Node, a key without a certificate, or the reverse, is accepted and not
// used; but it has to be valid. No passphrase is an empty one there.
function checkIncomplete(keys, certs) {
  for (const { key, passphrase = '' } of keys) {
    createPrivateKey({ key, passphrase });
  }
  for (const cert of certs) new X509Certificate(cert);
  return [];
}

function tryKey({ key, passphrase }) {
  try {
    return createPrivateKey({ key, passphrase });
  } catch {
    return null; // the engine's error explains what is wrong
  }
}

function tryCertificate(cert) {
  try {
    return new X509Certificate(cert);
  } catch {
    return null;
  }
}

// One pair for each type of key: as in Node, the last one.
function lastOfEachKind(pairs) {
  const kept = new Map();
  pairs.forEach(({ kind, pair }, i) => kept.set(kind || i, pair));
  return [...kept.values()];
}

// Several keys and certificates may come in any order.
function match(keys, certs) {
  const opened = keys.map(tryKey);
  return lastOfEachKind(certs.map((cert, i) => {
    const x509 = tryCertificate(cert);
    const at = x509 ? opened.findIndex((each) =>
      each && x509.checkPrivateKey(each)) : -1;
    const beside = Math.min(i, keys.length - 1);
    const pair = { ...keys[at >= 0 ? at : beside], cert };
    return { kind: at >= 0 ? opened[at].asymmetricKeyType : null, pair };
  }));
}

/**
 * The key pairs in options: {identities: [{key, cert, passphrase}],
 * pfx: [{data, passphrase}]}.
 */
function readKeyPairs(options) {
  const keys = readKeys(options);
  const certs = readCertificates(options);
  return { identities: pairsOf(keys, certs), pfx: readBundles(options) };
}

function pairsOf(keys, certs) {
  if (keys.length === 1 && certs.length === 1) {
    return [{ ...keys[0], cert: certs[0] }];
  }
  const isIncomplete = keys.length === 0 || certs.length === 0;
  return isIncomplete ? checkIncomplete(keys, certs) : match(keys, certs);
}

module.exports = { listOf, readKeyPairs };
