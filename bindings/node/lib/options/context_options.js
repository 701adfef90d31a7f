// SPDX-License-Identifier: MIT
// The options of createSecureContext() as those of the engine's Context.
'use strict';
const { constants } = require('crypto');
const defaults = require('./defaults');
const {
  ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED, ERR_INVALID_ARG_TYPE,
  ERR_INVALID_ARG_VALUE, ERR_TLSTREAM_UNSUPPORTED,
} = require('../errors/engine_errors');
const { listOf, readKeyPairs } = require('./key_pairs');
const { splitCiphers, versions } = require('./protocols');
const { defaultTrust } = require('./roots');
const check = require('./validate');

const TICKET_KEYS = 48;

// The bits of OpenSSL whose effect the engine always has, or that change nothing
// here: those of DTLS and of sessions. SSL_OP_LEGACY_SERVER_CONNECT allows more;
// a server without RFC 5746 is refused all the same, with an error that says so.
const IMPLIED = ['SSL_OP_ALL', 'SSL_OP_ALLOW_NO_DHE_KEX',
  'SSL_OP_CIPHER_SERVER_PREFERENCE', 'SSL_OP_CISCO_ANYCONNECT',
  'SSL_OP_COOKIE_EXCHANGE', 'SSL_OP_LEGACY_SERVER_CONNECT',
  'SSL_OP_NO_QUERY_MTU', 'SSL_OP_NO_TICKET',
  'SSL_OP_NO_COMPRESSION', 'SSL_OP_NO_RENEGOTIATION', 'SSL_OP_NO_SSLv2',
  'SSL_OP_NO_SSLv3', 'SSL_OP_NO_TLSv1', 'SSL_OP_NO_TLSv1_1',
  'SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION', 'SSL_OP_PRIORITIZE_CHACHA',
  'SSL_OP_SINGLE_DH_USE', 'SSL_OP_SINGLE_ECDH_USE']
  .reduce((bits, name) => bits | BigInt(constants[name] || 0), 0n);

function readTrust({ ca, crl, allowPartialTrustChain }) {
  const trust = ca
    ? { ca: listOf(ca).map((each) => check.bytes(each, 'options.ca')) }
    : defaultTrust();
  const crls = listOf(crl).map((each) => check.bytes(each, 'options.crl'));
  if (crls.length > 0) trust.crls = crls;
  if (allowPartialTrustChain) trust.allowPartialTrustChain = true;
  return trust;
}

// As in Node, a list with suites of TLS 1.3 alone allows TLS 1.3 alone.
function readSuites({ ciphers }, allowed) {
  check.optional(check.string, ciphers, 'options.ciphers');
  const list = ciphers || defaults.DEFAULT_CIPHERS;
  if (list === defaults.nodeCiphers) return {};
  const suites = splitCiphers(list);
  const isOnlyNew = !suites.ciphers && suites.ciphersuites;
  if (isOnlyNew && allowed.maxVersion === 13) suites.minVersion = 13;
  return suites;
}

function readAlgorithms({ sigalgs, ecdhCurve = defaults.DEFAULT_ECDH_CURVE }) {
  const algorithms = {};
  if (!check.isNothing(sigalgs)) {
    algorithms.signatureAlgorithms =
      check.notEmpty(sigalgs, 'options.sigalgs');
  }
  const groups = check.string(ecdhCurve, 'options.ecdhCurve');
  if (groups !== 'auto') algorithms.groups = groups;
  return algorithms;
}

function narrowVersions(bits, allowed) {
  if (bits & BigInt(constants.SSL_OP_NO_TLSv1_2)) allowed.minVersion = 13;
  if (bits & BigInt(constants.SSL_OP_NO_TLSv1_3)) allowed.maxVersion = 12;
}

// Bits of OpenSSL that have no effect here are refused, not ignored.
function readSecureOptions({ secureOptions }, allowed) {
  if (!secureOptions) return;
  check.number(secureOptions, 'secureOptions');
  const bits = BigInt.asUintN(64, BigInt(Math.trunc(secureOptions)));
  narrowVersions(bits, allowed);
  const known = IMPLIED | BigInt(constants.SSL_OP_NO_TLSv1_2) |
    BigInt(constants.SSL_OP_NO_TLSv1_3);
  const rest = bits & ~known;
  if (rest === 0n) return;
  throw new ERR_TLSTREAM_UNSUPPORTED('options.secureOptions: these bits of ' +
    `OpenSSL's are not supported: 0x${rest.toString(16)}`);
}

function ticketKeys(keys, name) {
  const bytes = check.viewBytes(keys, name);
  if (bytes.length === TICKET_KEYS) return bytes;
  throw new ERR_INVALID_ARG_VALUE(name, bytes.length,
    'must be exactly 48 bytes');
}

// Options that are checked and have no effect: there are no DHE suites, and no
// sessions that could be shared. Without them a handshake only takes longer.
function checkIgnored({ dhparam, sessionIdContext, sessionTimeout,
  ticketKeys: given }) {
  if (dhparam && dhparam !== 'auto') check.bytes(dhparam, 'options.dhparam');
  check.optional(check.string, sessionIdContext, 'options.sessionIdContext');
  check.optional(check.duration, sessionTimeout, 'options.sessionTimeout');
  check.optional(ticketKeys, given, 'options.ticketKeys');
}

function checkEngines(options) {
  for (const name of ['clientCertEngine', 'privateKeyEngine',
    'privateKeyIdentifier']) {
    const value = options[name];
    if (check.isNothing(value)) continue;
    if (typeof value !== 'string') {
      throw new ERR_INVALID_ARG_TYPE(`options.${name}`,
        ['string', 'null', 'undefined'], value);
    }
    throw new ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED();
  }
}

/**
 * The engine's options for Node's; throws what Node throws.
 */
function readOptions(options) {
  const allowed = versions(options);
  readSecureOptions(options, allowed);
  checkIgnored(options);
  checkEngines(options);
  return {
    ...allowed,
    ...readSuites(options, allowed),
    ...readTrust(options),
    ...readAlgorithms(options),
    ...readKeyPairs(options),
  };
}

module.exports = { TICKET_KEYS, readOptions, ticketKeys };
