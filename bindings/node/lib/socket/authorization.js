// SPDX-License-Identifier: MIT
'use strict';

// Whether the peer is authorized. The engine has verified the chain and the
// name; a program's checkServerIdentity() replaces the check of the name.

const { toError } = require('../errors/coded_error');
const errors = require('../errors/engine_errors');
const { kConnection, kOptions } = require('./symbols');

const kVerdict = Symbol('verdict'); // while 'secure' is emitted

function callCheckServerIdentity(tls, options) {
  try {
    return options.checkServerIdentity(options.checkedHost,
      tls.getPeerCertificate(true));
  } catch (error) {
    return toError(error);
  }
}

function reasonOf(error) {
  return error.code || error.message;
}

// Set `authorized` and `authorizationError`; return the error if the peer is
// refused, or null.
function judge(tls, options, connection, failureContext) {
  if (options.isServer && !options.requestCert) return null;
  const failure = connection.authorizationError();
  let error = failure ? errors.fromNative(failure, failureContext) : null;
  let reason = failure ? errors.authorizationError(failure) : null;
  if (!error && options.checkServerIdentity) {
    error = callCheckServerIdentity(tls, options);
    reason = error && reasonOf(error);
  }
  tls.authorized = !error;
  if (!error) return null;
  tls.authorizationError = reason;
  return options.rejectUnauthorized ? error : null;
}

// The same. What the program returned or threw may throw when it is looked at:
// then the peer is refused.
function authorize(tls, options, connection, failureContext) {
  try {
    return judge(tls, options, connection, failureContext);
  } catch (error) {
    tls.authorized = false;
    return toError(error);
  }
}

// The peer's fault or null, as drivers of Node's TLS ask for it. A peer that is
// not there yet, or no longer, has the fault of one without a certificate.
function verifyError(tls) {
  const connection = tls[kConnection];
  if (tls[kVerdict]) return tls[kVerdict].answer();
  if (!connection || connection.peerCertificate() === null) {
    return errors.noCertificate();
  }
  const failure = connection.authorizationError();
  return failure ? errors.fromNative(failure, {}) : null;
}

// Emit 'secure' of a peer that is not authorized. The program decides about it
// if it asks, as it has to with Node; if it does not, the peer is refused.
function leaveToProgram(tls, error) {
  let hasAsked = false;
  tls[kVerdict] = { answer() {
    hasAsked = true;
    return error;
  } };
  try {
    tls.emit('secure');
  } finally { // a listener may throw
    tls[kVerdict] = null;
    if (!hasAsked) tls.destroy(error);
  }
}

module.exports = { authorize, leaveToProgram, verifyError };
