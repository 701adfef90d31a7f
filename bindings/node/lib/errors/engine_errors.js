// SPDX-License-Identifier: MIT
// Node's errors for the engine's: `code` is Node's where Node has one, spelled
// as with OpenSSL 3.0 whatever the version in use, and the message begins as
// Node's does. The engine's information is added as `tlstreamCode`, `side` and
// `alert` (which side sent which alert), and `hint`.
'use strict';
const { checkServerIdentity } = require('../node_tls');
const { alertOf } = require('./alerts');
const { codedError } = require('./coded_error');
const nodeErrors = require('./node_errors');
const x509 = require('./x509_errors');

const SSL = 'SSL routines';

// The options of the C library, and their names in JavaScript.
const optionNames = {
  __proto__: null,
  cert_file: 'cert', key_file: 'key', ca_file: 'ca', ciphersuites: 'ciphers',
  max_version: 'maxVersion', min_version: 'minVersion',
  request_certificate: 'requestCert', verify_name: 'servername',
};

function withJsNames(message) {
  return message.replace(/\b[a-z]+(_[a-z]+)*\b/g,
    (word) => optionNames[word] || word);
}

// The advice in a message: what follows its last colon, or a reference in
// parentheses. Quoted text comes from the peer and may contain colons.
function hintOf(message) {
  const masked = message.replace(/"[^"]*"/g, (quoted) =>
    '"'.padEnd(quoted.length, '_'));
  const label = /^[a-z]+: /.exec(masked); // the option that it is about
  for (const mark of [': ', '; ']) {
    const at = masked.lastIndexOf(mark);
    if (at >= (label ? label[0].length : 0)) return message.slice(at + 2);
  }
  const see = /\((see [^)]*)\)$/.exec(message);
  return see ? see[1] : undefined;
}

function codeOf(prefix, reason) {
  return `${prefix}${reason.toUpperCase().replace(/ /g, '_')}`;
}

// Node's error for one of OpenSSL's queue, with the engine's message in place
// of OpenSSL's file and line.
function openssl(library, prefix, reason, message) {
  return codedError(codeOf(prefix, reason), `${reason}: ${message}`,
    { library, reason });
}

function ssl(reason) {
  return (message) => openssl(SSL, 'ERR_SSL_', reason, message);
}

function reset(message, failureContext) {
  const error = codedError('ECONNRESET', message);
  for (const name of ['path', 'host', 'port', 'localAddress']) {
    if (failureContext[name] !== undefined) error[name] = failureContext[name];
  }
  return error;
}

function closedEarly(message, failureContext) {
  if (failureContext.role === 'server') return reset('socket hang up', {});
  return reset('Client network socket disconnected before secure TLS ' +
    'connection was established', failureContext);
}

function alert(message, failureContext, native) {
  const { reason } = alertOf(native.alert);
  const text = message.replace(/^peer: alert \S+ /, 'SSL alert number ')
    .replace(/\((\d+)\)/, '$1');
  return openssl(SSL, 'ERR_SSL_', reason, text);
}

function http(message, failureContext) {
  if (failureContext.role !== 'server') {
    return ssl('wrong version number')(message);
  }
  const proxy = /said "CONN/.test(message);
  return ssl(proxy ? 'https proxy request' : 'http request')(message);
}

// OpenSSL has a reason for each thing that could not be agreed on.
function nothingShared(message) {
  if (/key exchange group/.test(message)) {
    return ssl('no suitable key share')(message);
  }
  return ssl(/signature/.test(message) ? 'no suitable signature algorithm'
    : 'no shared cipher')(message);
}

// Also for the lists of groups and of signature algorithms.
function badList(message) {
  if (/^ciphers/.test(message)) return ssl('no cipher match')(message);
  return codedError('ERR_CRYPTO_OPERATION_FAILED', message);
}

function badRecord(message) {
  return ssl(/no TLS record|no known type/.test(message)
    ? 'wrong version number' : 'decryption failed or bad record mac')(message);
}

// Reasons that newer versions of OpenSSL have renamed.
const renamed = {
  __proto__: null,
  'data length too long': 'packet length too long',
};

// OpenSSL's reason follows the colon in the engine's message.
function brokenProtocol(message) {
  const reason = /^the peer broke the protocol: ([a-z0-9 ]+)$/.exec(message);
  return reason ? ssl(renamed[reason[1]] || reason[1])(message) : null;
}

// Node's message lists the names in the certificate: it is used if Node's check
// finds the same fault.
function wrongName(message, failureContext) {
  const { name: host = failureContext.host, certificate } = failureContext;
  const cert = failureContext.cert || (certificate && certificate());
  const nodeError = host && cert ? checkServerIdentity(host, cert) : undefined;
  const reason = nodeError?.reason || message;
  const error = new nodeErrors.ERR_TLS_CERT_ALTNAME_INVALID(reason);
  return Object.assign(error, { reason, host, cert });
}

function badDecrypt(message) {
  return openssl('Provider routines', 'ERR_OSSL_', 'bad decrypt', message);
}

function oldEncryption(message) {
  if (/^pfx/.test(message)) {
    return codedError('ERR_CRYPTO_UNSUPPORTED_OPERATION',
      `Unsupported PKCS12 PFX data: ${message}`);
  }
  return openssl('digital envelope routines', 'ERR_OSSL_EVP_', 'unsupported',
    message);
}

function mismatch(message) {
  return openssl('x509 certificate routines', 'ERR_OSSL_X509_',
    'key values mismatch', message);
}

function noStartLine(message) {
  if (/^crl/.test(message)) {
    return codedError('ERR_CRYPTO_OPERATION_FAILED',
      `Failed to parse CRL: ${message}`);
  }
  return openssl('PEM routines', 'ERR_OSSL_PEM_', 'no start line', message);
}

function noKey(message) {
  return openssl('DECODER routines', 'ERR_OSSL_', 'unsupported', message);
}

// Node's error of that name, which needs no arguments.
function node(name) {
  return () => new nodeErrors[name]();
}

const translations = {
  __proto__: null,
  ERR_TLSTREAM_ALERT: alert,
  ERR_TLSTREAM_BAD_CERTIFICATE: noStartLine,
  ERR_TLSTREAM_BAD_CIPHERS: badList,
  ERR_TLSTREAM_BAD_KEY: noKey,
  ERR_TLSTREAM_BAD_RECORD: badRecord,
  ERR_TLSTREAM_CLOSED: node('ERR_SOCKET_CLOSED'),
  ERR_TLSTREAM_CLOSED_IN_HANDSHAKE: closedEarly,
  ERR_TLSTREAM_HANDSHAKE_TIMEOUT: node('ERR_TLS_HANDSHAKE_TIMEOUT'),
  ERR_TLSTREAM_HTTP: http,
  ERR_TLSTREAM_KEY_ENCRYPTION: oldEncryption,
  ERR_TLSTREAM_KEY_MISMATCH: mismatch,
  ERR_TLSTREAM_NO_CERTIFICATE: ssl('no shared cipher'),
  ERR_TLSTREAM_NO_PEER_CERTIFICATE: ssl('peer did not return a certificate'),
  ERR_TLSTREAM_NO_SHARED_CIPHER: nothingShared,
  ERR_TLSTREAM_NO_SHARED_PROTOCOL: ssl('no application protocol'),
  ERR_TLSTREAM_NO_SHARED_VERSION: ssl('unsupported protocol'),
  ERR_TLSTREAM_NOT_TLS: ssl('wrong version number'),
  ERR_TLSTREAM_PASSPHRASE: badDecrypt,
  ERR_TLSTREAM_PROTOCOL: brokenProtocol,
  ERR_TLSTREAM_RENEGOTIATION: node('ERR_TLS_RENEGOTIATION_DISABLED'),
  ERR_TLSTREAM_WEAK_KEY: ssl('ee key too small'),
  ERR_TLSTREAM_WRITE_AFTER_END: node('ERR_STREAM_WRITE_AFTER_END'),
  ERR_TLSTREAM_WRONG_NAME: wrongName,
};

// An error of the system, as Node reports it: "read ECONNRESET".
function fromSystem(name, native, syscall) {
  return codedError(name, `${syscall} ${name}`,
    { errno: native.system, syscall });
}

function untranslated(name, message, native, failureContext) {
  if (native.verify > 0) return x509.error(name, message);
  if (/^E[A-Z0-9]+$/.test(name) && native.system < 0) {
    const fallback = name === 'EPIPE' ? 'write' : 'read';
    return fromSystem(name, native, failureContext.syscall || fallback);
  }
  return codedError(name, message);
}

function addDetails(error, name, message, native) {
  error.tlstreamCode = name;
  if (native.alert >= 0 && native.alertSide !== 'none') {
    error.side = native.alertSide;
    error.alert = alertOf(native.alert).name;
  }
  const hint = hintOf(message);
  if (hint !== undefined) error.hint = hint;
  return error;
}

/**
 * Node's error for a native one; anything else is returned as it is.
 * `failureContext` has the other properties that Node's error needs: {role:
 * 'client' | 'server', host, port, path, localAddress, syscall, name: the name
 * that was checked, cert: the peer's certificate object, or certificate: a
 * function that returns it}.
 */
function fromNative(nativeError, failureContext = {}) {
  const native = nativeError && nativeError.tlstream;
  if (!native) return nativeError;
  const name = nativeError.code;
  const message = withJsNames(nativeError.message);
  const error = translations[name]?.(message, failureContext, native) ||
    untranslated(name, message, native, failureContext);
  return addDetails(error, name, message, native);
}

/**
 * The value of `authorizationError` for a native error: Node's code for it.
 */
function authorizationError(nativeError) {
  const name = nativeError.code;
  // Without a certificate OpenSSL has nothing to verify; this is Node's code.
  if (name === 'ERR_TLSTREAM_NO_PEER_CERTIFICATE') {
    return 'UNABLE_TO_GET_ISSUER_CERT';
  }
  return name === 'ERR_TLSTREAM_WRONG_NAME' ? 'ERR_TLS_CERT_ALTNAME_INVALID'
    : name;
}

function withoutNative(name, message) {
  return fromNative(codedError(name, message,
    { tlstream: { name, alert: -1, verify: 0, system: 0 } }));
}

/**
 * The authorization error of a peer that has shown no certificate.
 */
function noCertificate() {
  return x509.error('UNABLE_TO_GET_ISSUER_CERT', 'the peer sent no certificate');
}

/**
 * The error of a call after the end of the connection, by the engine's name.
 */
function closed(name) {
  return withoutNative(name, 'the connection is over');
}

/**
 * The error of an end without close_notify.
 */
function truncated() {
  return withoutNative('ERR_TLSTREAM_TRUNCATED', 'the peer closed the ' +
    'connection without close_notify: what it sent may be incomplete');
}

module.exports = {
  ...nodeErrors,
  authorizationError,
  closed,
  fromNative,
  noCertificate,
  truncated,
};
