// SPDX-License-Identifier: MIT
'use strict';

const { domainToASCII } = require('url');

// The name in certificates and in SNI of one that may not be ASCII. What has
// none stays as it is, and is refused where its name is verified.
function toASCII(name) {
  return typeof name === 'string' && /[^\0-\x7f]/.test(name) ?
    domainToASCII(name) || name : name;
}

module.exports = { toASCII };
