// SPDX-License-Identifier: MIT
// Makes an API: connect(), createServer(), Server and createSecurePair() with
// the defaults and the forms of arguments of 2011 or of today.
'use strict';
const { serverArguments } = require('./arguments');
const base = require('./connect');
const { contextOf, createSecureContext } = require('../options/context');
const defaults = require('../options/defaults');
const { ERR_TLS_INVALID_CONTEXT } = require('../errors/engine_errors');
const tls = require('../node_tls');
const { SecurePair } = require('./pair');
const servers = require('./server');

function credentialsOf(given) {
  if (!given) return createSecureContext();
  const context = contextOf(given) || contextOf(given.context);
  if (!context) throw new ERR_TLS_INVALID_CONTEXT('context');
  return context;
}

function makePair(withDefaults) {
  return function createSecurePair(credentials, isServer, requestCert,
    rejectUnauthorized, options) {
    return new SecurePair(withDefaults({
      ...options,
      secureContext: credentialsOf(credentials),
      isServer: Boolean(isServer),
      requestCert: Boolean(requestCert),
      rejectUnauthorized,
    }));
  };
}

// Like Node's tls.Server: callable without `new`, and a class to extend.
function makeServer(withDefaults) {
  function Server(...args) {
    if (!(this instanceof Server)) return new Server(...args);
    const { options, listener } = serverArguments(args);
    servers.Server.call(this, withDefaults(options), listener);
  }
  Object.setPrototypeOf(Server.prototype, servers.Server.prototype);
  Object.setPrototypeOf(Server, servers.Server);
  return Server;
}

/**
 * `readArguments` is a function of arguments.js; `forClients`, `forServers` and
 * `forPairs` return options with the defaults of the API filled in.
 */
function makeApi({
  readArguments, forClients, forServers, forPairs = forClients,
}) {
  const Server = makeServer(forServers);
  return {
    Server,
    connect(...args) {
      const { options, callback } = readArguments(args);
      return base.connect(forClients(options), callback);
    },
    createSecurePair: makePair((options) =>
      (options.isServer ? forServers : forPairs)(options)),
    createServer(...args) {
      return new Server(...args);
    },
  };
}

/**
 * Add the properties to `exports` that are read when they are used: the
 * defaults that a program may change, for all APIs alike, and rootCertificates.
 */
function addAccessors(exports) {
  for (const name of Object.keys(defaults)) {
    Object.defineProperty(exports, name, {
      configurable: true,
      enumerable: true,
      get: () => defaults[name],
      set(value) { defaults[name] = value; },
    });
  }
  Object.defineProperty(exports, 'rootCertificates', {
    configurable: false,
    enumerable: true,
    get: () => tls.rootCertificates,
  });
  return exports;
}

module.exports = { addAccessors, makeApi };
