// SPDX-License-Identifier: MIT
// SecureContext: credentials, trust, versions and suites for any number of
// connections. Settings of a connection (its protocols, whether an unauthorized
// peer is accepted) make a variant of it.
'use strict';
const native = require('../native');
const defaults = require('./defaults');
const { readOptions } = require('./context_options');
const {
  ERR_TLS_INVALID_CONTEXT, fromNative,
} = require('../errors/engine_errors');
const { object } = require('./validate');

// A policy may contain a protocol that a client has offered: the limit keeps
// clients from filling the memory.
const MOST_VARIANTS = 64;

// The property of a SecureContext, and of the engine's context in it, that has
// the SecureContext. A program may have loaded this file more than once, as jest
// does: all copies know each other's.
const kSecureContext = Symbol.for('tlstream.SecureContext');

const warned = new Set();

// As in Node, unknown names of suites are left out, of which lists from 2011
// have many. Here with a warning.
function withoutUnknown(list, error) {
  const name = /^(?:ciphers|ciphersuites): "([^"]+)" is not known/
    .exec(error.message);
  if (!name || !list) return null;
  const all = list.split(/[:;, ]/);
  const rest = all.filter((each) => each !== name[1]);
  if (rest.length === all.length) return null; // the message has it cut
  if (!rest.some((each) => /^[^!+-]/.test(each))) return null;
  if (!warned.has(name[1])) {
    warned.add(name[1]);
    process.emitWarning(`options.ciphers: "${name[1]}" is not known here, ` +
      'and left out', { code: 'TLSTREAM_UNKNOWN_CIPHER' });
  }
  return rest.join(':');
}

function make(nativeOptions) {
  for (;;) {
    try {
      return new native.Context(nativeOptions);
    } catch (error) {
      const rest = error.code === 'ERR_TLSTREAM_BAD_CIPHERS' &&
        withoutUnknown(nativeOptions.ciphers, error);
      if (!rest) throw fromNative(error);
      nativeOptions.ciphers = rest;
    }
  }
}

class SecureContext {
  #variants = new Map();
  #keyPairs = 0;

  constructor(options) {
    const nativeOptions = readOptions(options);
    // Enumerable, as with Node: credentials are {context}.
    this.context = make(nativeOptions);
    for (const each of [this, this.context]) {
      Object.defineProperty(each, kSecureContext, { value: this });
    }
    const { identities, pfx } = nativeOptions;
    this.#keyPairs = identities.length + pfx.length;
  }

  /**
   * Whether it has a certificate, as a server needs.
   */
  get canServe() {
    return this.#keyPairs > 0;
  }

  /**
   * The engine's context for connections with a policy; connections with equal
   * policies share one.
   */
  variant(policy) {
    const wanted = translate(policy);
    const key = keyOf(wanted);
    if (key === '') return this.context;
    let found = this.#variants.get(key);
    if (!found) {
      found = new native.Context({ ...wanted, parent: this.context });
      if (this.#variants.size >= MOST_VARIANTS) {
        this.#variants.delete(this.#variants.keys().next().value);
      }
      this.#variants.set(key, found);
    }
    return found;
  }
}

const policyNames = {
  allowAlpnMismatch: 'insecureAllowAlpnMismatch',
  allowTruncation: 'insecureAllowTruncation',
  allowUnauthorized: 'insecureAllowUnauthorized',
  alpn: 'alpn',
  npn: 'npn',
  requestCertificate: 'requestCertificate',
  requireAlpn: 'requireAlpn',
  skipName: 'insecureSkipName',
};

// Settings without a value are left out of the key.
function translate(policy) {
  const wanted = {};
  for (const [name, theirs] of Object.entries(policyNames)) {
    if (policy[name]) wanted[theirs] = policy[name];
  }
  return wanted;
}

function keyOf(wanted) {
  return Object.entries(wanted).map(([name, value]) =>
    `${name}=${Buffer.isBuffer(value) ? value.toString('hex') : value}`)
    .join(' ');
}

/**
 * The SecureContext of `value`, which is one or the property `context` of one;
 * null for anything else.
 */
function contextOf(value) {
  const isObject = typeof value === 'object' && value !== null;
  return (isObject && value[kSecureContext]) || null;
}

function isContext(value) {
  return contextOf(value) !== null;
}

function createSecureContext(options) {
  if (options === undefined || options === null) options = {};
  return new SecureContext(object(options, 'options'));
}

const contextOptions = ['allowPartialTrustChain', 'ca', 'cert', 'ciphers',
  'clientCertEngine', 'crl', 'dhparam', 'ecdhCurve', 'key', 'maxVersion',
  'minVersion', 'pfx', 'privateKeyEngine', 'privateKeyIdentifier',
  'secureOptions', 'secureProtocol', 'sessionIdContext', 'sessionTimeout',
  'sigalgs', 'ticketKeys'];

let shared = { key: '', context: null };

// Reading the system's roots takes longer than a handshake: connections without
// options of their own share a context.
function sharedContext() {
  const key = JSON.stringify(defaults);
  if (shared.key !== key || shared.context === null) {
    shared = { key, context: new SecureContext({}) };
  }
  return shared.context;
}

/**
 * Make the shared context anew: the defaults that it was made from changed.
 */
function forgetShared() {
  shared.context = null;
}

/**
 * The context for a connection or a server: `options.secureContext`, or one of
 * the options.
 */
function contextFor(options) {
  if (options.secureContext) {
    const given = contextOf(options.secureContext);
    if (!given) throw new ERR_TLS_INVALID_CONTEXT('context');
    return given;
  }
  const asks = contextOptions.some((name) =>
    options[name] !== undefined && options[name] !== null);
  return asks ? new SecureContext(options) : sharedContext();
}

/**
 * The variant of an engine's context that may itself be a variant.
 */
function derive(base, policy) {
  return new native.Context({ ...translate(policy), parent: base });
}

module.exports = {
  SecureContext,
  contextFor,
  contextOf,
  createCredentials: createSecureContext,
  createSecureContext,
  derive,
  forgetShared,
  isContext,
  variant: (context, policy) => contextOf(context).variant(policy),
};
