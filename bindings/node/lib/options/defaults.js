// SPDX-License-Identifier: MIT
// The defaults that a program may change (`tls.DEFAULT_MIN_VERSION =
// 'TLSv1.3'`). They begin with Node's, which its command line decides
// (--tls-min-v1.3, --tls-cipher-list).
'use strict';
const { constants } = require('crypto');
const tls = require('../node_tls');

module.exports = {
  CLIENT_RENEG_LIMIT: tls.CLIENT_RENEG_LIMIT,
  CLIENT_RENEG_WINDOW: tls.CLIENT_RENEG_WINDOW,
  DEFAULT_CIPHERS: tls.DEFAULT_CIPHERS,
  DEFAULT_ECDH_CURVE: tls.DEFAULT_ECDH_CURVE,
  DEFAULT_MAX_VERSION: tls.DEFAULT_MAX_VERSION,
  DEFAULT_MIN_VERSION: tls.DEFAULT_MIN_VERSION,
};

// Node's default list selects the engine's default, which has no suites without
// forward secrecy.
Object.defineProperty(module.exports, 'nodeCiphers',
  { value: constants.defaultCoreCipherList });
