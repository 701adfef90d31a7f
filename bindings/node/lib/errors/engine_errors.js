// SPDX-License-Identifier: MIT
// The engine's errors as Node's users know errors: `code` from Node's list
// where Node has one, spelled as under OpenSSL 3.0 whatever is underneath, and
// the sentence beginning as Node's does. Beside it what the engine knows:
// `tlstreamCode`, `side` and `alert` (who sent which alert), `hint`.
'use strict';
const { checkServerIdentity } = require('../node_tls');
const { alertOf } = require('./alerts');
const { codedError } = require('./coded_error');
const nodeErrors = require('./node_errors');
const x509 = require('./x509_errors');

const SSL = 'SSL routines';

// The options of the C library by the names that they have here.
const optionNames = {
  __proto__: null,
  cert_file: 'cert', key_file: 'key', ca_file: 'ca', ciphersuites: 'ciphers',
  max_version: 'maxVersion', min_version: 'minVersion',
  request_certificate: 'requestCert', verify_name: 'servername',
};

function inOurWords(message) {
  return message.replace(/\b[a-z]+(_[a-z]+)*\b/g,
    (word) => optionNames[word] || word);
}

// The advice in a sentence: what follows its last colon, or what it refers to
// in parentheses. Quoted is what the peer said, which may have colons as well.
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

// As Node builds an error from OpenSSL's, with our sentence in place of
// OpenSSL's file and line.
function openssl(library, prefix, reason, message) {
  return codedError(codeOf(prefix, reason), `${reason}: ${message}`,
    { library, reason });
}

function ssl(reason) {
  return (message) => openssl(SSL, 'ERR_SSL_', reason, message);
}

function reset(message, where) {
  const error = codedError('ECONNRESET', message);
  for (const name of ['path', 'host', 'port', 'localAddress']) {
    if (where[name] !== undefined) error[name] = where[name];
  }
  return error;
}

function left(message, where) {
  if (where.role === 'server') return reset('socket hang up', {});
  return reset('Client network socket disconnected before secure TLS ' +
    'connection was established', where);
}

function alert(message, where, native) {
  const { reason } = alertOf(native.alert);
  const text = message.replace(/^peer: alert \S+ /, 'SSL alert number ')
    .replace(/\((\d+)\)/, '$1');
  return openssl(SSL, 'ERR_SSL_', reason, text);
}

function http(message, where) {
  if (where.role !== 'server') return ssl('wrong version number')(message);
  const proxy = /said "CONN/.test(message);
  return ssl(proxy ? 'https proxy request' : 'http request')(message);
}

// OpenSSL tells apart what could not be agreed on.
function nothingShared(message) {
  if (/key exchange group/.test(message)) {
    return ssl('no suitable key share')(message);
  }
  return ssl(/signature/.test(message) ? 'no suitable signature algorithm'
    : 'no shared cipher')(message);
}

// Groups and signature algorithms are lists like those of suites.
function badList(message) {
  if (/^ciphers/.test(message)) return ssl('no cipher match')(message);
  return codedError('ERR_CRYPTO_OPERATION_FAILED', message);
}

function badRecord(message) {
  return ssl(/no TLS record|no known type/.test(message) ? 'wrong version number'
    : 'decryption failed or bad record mac')(message);
}

// What newer versions of OpenSSL have another word for.
const renamed = {
  __proto__: null,
  'data length too long': 'packet length too long',
};

// The engine has OpenSSL's own words behind the colon.
function broken(message) {
  const reason = /^the peer broke the protocol: ([a-z0-9 ]+)$/.exec(message);
  return reason ? ssl(renamed[reason[1]] || reason[1])(message) : null;
}

// Node says which name the certificate has; in its own words, if its own check
// finds the same fault.
function wrongName(message, where) {
  const { name: host = where.host, certificate } = where;
  const cert = where.cert || (certificate && certificate());
  const theirs = host && cert ? checkServerIdentity(host, cert) : undefined;
  const reason = theirs && theirs.reason ? theirs.reason : message;
  const error = new nodeErrors.ERR_TLS_CERT_ALTNAME_INVALID(reason);
  return Object.assign(error, { reason, host, cert });
}

function badDecrypt(message) {
  return openssl('Provider routines', 'ERR_OSSL_', 'bad decrypt', message);
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
  ERR_TLSTREAM_CLOSED_IN_HANDSHAKE: left,
  ERR_TLSTREAM_HANDSHAKE_TIMEOUT: node('ERR_TLS_HANDSHAKE_TIMEOUT'),
  ERR_TLSTREAM_HTTP: http,
  ERR_TLSTREAM_KEY_MISMATCH: mismatch,
  ERR_TLSTREAM_NO_CERTIFICATE: ssl('no shared cipher'),
  ERR_TLSTREAM_NO_PEER_CERTIFICATE: ssl('peer did not return a certificate'),
  ERR_TLSTREAM_NO_SHARED_CIPHER: nothingShared,
  ERR_TLSTREAM_NO_SHARED_PROTOCOL: ssl('no application protocol'),
  ERR_TLSTREAM_NO_SHARED_VERSION: ssl('unsupported protocol'),
  ERR_TLSTREAM_NOT_TLS: ssl('wrong version number'),
  ERR_TLSTREAM_PASSPHRASE: badDecrypt,
  ERR_TLSTREAM_PROTOCOL: broken,
  ERR_TLSTREAM_RENEGOTIATION: node('ERR_TLS_RENEGOTIATION_DISABLED'),
  ERR_TLSTREAM_WEAK_KEY: ssl('ee key too small'),
  ERR_TLSTREAM_WRITE_AFTER_END: node('ERR_STREAM_WRITE_AFTER_END'),
  ERR_TLSTREAM_WRONG_NAME: wrongName,
};

// The system's, as libuv's streams report it: "read ECONNRESET".
function fromSystem(name, native, syscall) {
  return codedError(name, `${syscall} ${name}`,
    { errno: native.system, syscall });
}

function untranslated(name, message, native, where) {
  if (native.verify > 0) return x509.error(name, message);
  if (/^E[A-Z0-9]+$/.test(name) && native.system < 0) {
    const fallback = name === 'EPIPE' ? 'write' : 'read';
    return fromSystem(name, native, where.syscall || fallback);
  }
  return codedError(name, message);
}

function addKnowledge(error, name, message, native) {
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
 * Node's error for a native one. `where` says what Node's error tells beside:
 * {role: 'client' | 'server', host, port, path, localAddress, syscall, name:
 * whom the certificate should be for,
 * cert: the peer's certificate object, or certificate: a function that has it}.
 * Anything else is returned as it is.
 */
function fromNative(nativeError, where = {}) {
  const native = nativeError && nativeError.tlstream;
  if (!native) return nativeError;
  const name = nativeError.code;
  const message = inOurWords(nativeError.message);
  const error = translations[name]?.(message, where, native) ||
    untranslated(name, message, native, where);
  return addKnowledge(error, name, message, native);
}

/**
 * What `authorizationError` is for a native verdict: Node's code for it.
 */
function authorizationError(nativeError) {
  const name = nativeError.code;
  // Node sees only that OpenSSL had nothing to verify.
  if (name === 'ERR_TLSTREAM_NO_PEER_CERTIFICATE') {
    return 'UNABLE_TO_GET_ISSUER_CERT';
  }
  return name === 'ERR_TLSTREAM_WRONG_NAME' ? 'ERR_TLS_CERT_ALTNAME_INVALID'
    : name;
}

/**
 * The error of a call that came too late, by the engine's name for it.
 */
function closed(name) {
  return fromNative(codedError(name, 'the connection is over',
    { tlstream: { name, alert: -1, verify: 0, system: 0 } }));
}

module.exports = {
  ...nodeErrors,
  authorizationError,
  closed,
  fromNative,
};
