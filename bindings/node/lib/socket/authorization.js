// SPDX-License-Identifier: MIT
'use strict';

// Whether the peer is authorized. The engine has verified the chain and the
// name; a program's checkServerIdentity() replaces the check of the name.

const errors = require('../errors/engine_errors');

function callCheckServerIdentity(tls, options) {
  try {
    return options.checkServerIdentity(options.checkedHost,
      tls.getPeerCertificate(true));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function reasonOf(error) {
  return error.code || error.message;
}

// Set `authorized` and `authorizationError`; return the error if the peer is
// refused, or null.
function authorize(tls, options, connection, failureContext) {
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

module.exports = { authorize };
