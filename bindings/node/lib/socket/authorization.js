// SPDX-License-Identifier: MIT
'use strict';

// Who the peer is. The engine has judged chain and name; a program's own
// checkServerIdentity() judges the name in its place.

const errors = require('../errors/engine_errors');

function askProgram(tls, own) {
  try {
    return own.checkServerIdentity(own.checkedHost,
      tls.getPeerCertificate(true));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function reasonOf(error) {
  return error.code || error.message;
}

// Set `authorized` and `authorizationError`; returns why the peer is refused,
// if it is.
function reach(tls, own, connection, scene) {
  if (own.isServer && !own.requestCert) return null;
  const failure = connection.authorizationError();
  let error = failure ? errors.fromNative(failure, scene) : null;
  let reason = failure ? errors.authorizationError(failure) : null;
  if (!error && own.checkServerIdentity) {
    error = askProgram(tls, own);
    reason = error && reasonOf(error);
  }
  tls.authorized = !error;
  if (!error) return null;
  tls.authorizationError = reason;
  return own.rejectUnauthorized ? error : null;
}

module.exports = { reach };
