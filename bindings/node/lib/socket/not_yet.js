// SPDX-License-Identifier: MIT
'use strict';

// Methods for what the engine does not have yet: sessions, tickets, exporters,
// traces. Each returns what Node's returns when there is none, so that programs
// go on without.

const { defineMethods } = require('./define');
const errors = require('../errors/engine_errors');
const check = require('../options/validate');

// Null once the socket is destroyed, as with Node.
function answer(value) {
  return function () {
    return this.destroyed ? null : value(this);
  };
}

const methods = {
  getSession: answer(() => undefined),
  getTLSTicket: answer(() => undefined),
  isSessionReused: answer(() => false),
  getFinished: answer(() => undefined),
  getPeerFinished: answer(() => undefined),
  getSharedSigalgs: answer(() => []),
  getEphemeralKeyInfo: answer((tls) => (tls._tlsOptions.isServer ? null : {})),
  enableTrace: answer(() => undefined),

  // A session only saves time.
  setSession() {},

  setMaxSendFragment(size) {
    check.number(size, 'size');
    return false;
  },

  // Anything returned would be taken for a secret.
  exportKeyingMaterial(length, label) {
    check.number(length, 'length');
    check.string(label, 'label');
    throw new errors.ERR_TLS_INVALID_STATE();
  },
};

function install(TLSSocket) {
  defineMethods(TLSSocket, methods);
}

module.exports = { install };
