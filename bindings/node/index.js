// SPDX-License-Identifier: MIT
// Node's tls of today, with its safe defaults, on tlstream's engine.
'use strict';
const { connectArguments } = require('./lib/api/arguments');
const {
  SecureContext, createCredentials, createSecureContext,
} = require('./lib/options/context');
const { addAccessors, makeApi } = require('./lib/api/api');
const certificates = require('./lib/api/ca_certificates');
const nodeTls = require('./lib/node_tls');
const { convertALPNProtocols } = require('./lib/options/protocols');
const { TLSSocket } = require('./lib/socket/socket');

let hasWarned = false;

// Node's switch for a whole process; only the value 0 counts.
function isTurnedOff() {
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return false;
  if (!hasWarned) {
    hasWarned = true;
    process.emitWarning('Setting the NODE_TLS_REJECT_UNAUTHORIZED ' +
      "environment variable to '0' makes TLS connections and HTTPS requests " +
      'insecure by disabling certificate verification.');
  }
  return true;
}

const { Server, connect, createSecurePair, createServer } = makeApi({
  readArguments: connectArguments,
  forClients: (options) => ({ rejectUnauthorized: !isTurnedOff(), ...options }),
  forServers: (options) => options,
});
const { checkServerIdentity, getCiphers } = nodeTls;
const CleartextStream = TLSSocket;

// The names are listed because Node finds the names that a CommonJS module
// exports to `import` by reading its source.
module.exports = {
  CleartextStream,
  SecureContext,
  Server,
  TLSSocket,
  checkServerIdentity,
  connect,
  convertALPNProtocols,
  createCredentials,
  createSecureContext,
  createSecurePair,
  createServer,
  getCiphers,
};
addAccessors(module.exports);

// What this version of Node does not have is left out, so that a program that
// looks for it finds the same as in Node.
for (const [name, value] of Object.entries({
  ...certificates,
  getCertificateCompressionAlgorithms: () => [], // the engine has none
})) {
  if (nodeTls[name]) module.exports[name] = value;
}
