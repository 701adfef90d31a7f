// SPDX-License-Identifier: MIT
'use strict';

const net = require('net');
const { domainToASCII } = require('url');

let hasWarned = false;

// The name in certificates and in SNI of one that may not be ASCII. What has
// none stays as it is, and is refused where its name is verified.
function toASCII(name) {
  return typeof name === 'string' && /[^\0-\x7f]/.test(name) ?
    domainToASCII(name) || name : name;
}

// The name to ask for (SNI). An address is not asked for; as `servername` it is
// what the certificate has to have. Node 20 warns so, Node 26 refuses it.
function toSni(servername) {
  if (!net.isIP(servername)) return toASCII(servername);
  if (!hasWarned) {
    hasWarned = true;
    process.emitWarning('Setting the TLS ServerName to an IP address is not ' +
      'permitted by RFC 6066. This will be ignored in a future version.',
    'DeprecationWarning', 'DEP0123');
  }
  return undefined;
}

module.exports = { toASCII, toSni };
