// SPDX-License-Identifier: MIT
// What a program may assign to (`tls.DEFAULT_MIN_VERSION = 'TLSv1.3'`), read
// when it is needed. What it begins with, Node's command line has decided
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

// Node's list, which stands for "the usual": the engine has its own, without
// what has no forward secrecy.
Object.defineProperty(module.exports, 'usualCiphers',
  { value: constants.defaultCoreCipherList });
