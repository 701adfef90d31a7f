// SPDX-License-Identifier: MIT
// Node's tls as its documentation of 2011 has it: a peer is refused only if the
// option is set (`authorized` has the result of the check), and the end of the
// connection is the end of the data, also without close_notify.
'use strict';
const { classicConnectArguments } = require('./lib/api/arguments');
const { addAccessors, makeApi } = require('./lib/api/api');
const modern = require('./index');

function trusting(options) {
  return {
    ...options,
    rejectUnauthorized: options.rejectUnauthorized === true,
    insecureAllowTruncation: options.insecureAllowTruncation !== false,
  };
}

// A pair has no host name to check unless `servername` is given: `authorized`
// then says only that a trusted authority has signed the certificate.
function pairing(options) {
  return { insecureSkipName: !options.servername, ...trusting(options) };
}

const { Server, connect, createSecurePair, createServer } = makeApi({
  readArguments: classicConnectArguments,
  forClients: trusting,
  forPairs: pairing,
  forServers: trusting,
});
const {
  CleartextStream, SecureContext, TLSSocket, checkServerIdentity,
  convertALPNProtocols, createCredentials, createSecureContext, getCiphers,
} = modern;

// Listed, as in index.js.
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
