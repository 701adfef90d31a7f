// SPDX-License-Identifier: MIT
// Node's tls as it is today, with its safe defaults, on our engine.
'use strict';
const { connectArguments } = require('./lib/api/arguments');
const {
  SecureContext, createCredentials, createSecureContext,
} = require('./lib/options/context');
const { addLive, makeDoor } = require('./lib/api/api');
const identity = require('./lib/api/ca_certificates');
const { TLSSocket } = require('./lib/socket/socket');

let hasWarned = false;

// Node's switch, which its users know: for a whole process, and only exactly 0.
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

const { Server, connect, createSecurePair, createServer } = makeDoor({
  readArguments: connectArguments,
  forClients: (options) => ({ rejectUnauthorized: !isTurnedOff(), ...options }),
  forServers: (options) => options,
});
const { checkServerIdentity, convertALPNProtocols, getCiphers } = identity;
const CleartextStream = TLSSocket;

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
addLive(Object.assign(module.exports, identity));
