// SPDX-License-Identifier: MIT
// The page of 2011, to the letter: nobody is refused unless it is asked for
// (look at `authorized`), and the end of the connection is the end of the data,
// whoever made it.
'use strict';
const { classicConnectArguments } = require('./lib/api/arguments');
const { addLive, makeDoor } = require('./lib/api/api');
const modern = require('./index');

function trusting(options) {
  return {
    ...options,
    rejectUnauthorized: options.rejectUnauthorized === true,
    insecureAllowTruncation: options.insecureAllowTruncation !== false,
  };
}

// A pair does not know whom it talks to, unless it is told by `servername`:
// `authorized` says that somebody trusted has signed, and no more.
function pairing(options) {
  return { insecureSkipName: !options.servername, ...trusting(options) };
}

const { Server, connect, createSecurePair, createServer } = makeDoor({
  readArguments: classicConnectArguments,
  forClients: trusting,
  forPairs: pairing,
  forServers: trusting,
});
const {
  CleartextStream, SecureContext, TLSSocket, checkServerIdentity,
  convertALPNProtocols, createCredentials, createSecureContext, getCiphers,
} = modern;

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
addLive(module.exports);
