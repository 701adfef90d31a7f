// SPDX-License-Identifier: MIT
// Contexts: credentials, trust, versions and suites, made once and used for any
// number of connections. What a connection wants beside (its protocols, whether
// strangers may come in) is laid on it as a variant.
'use strict';
const native = require('../native');
const defaults = require('./defaults');
const { readOptions } = require('./context_options');
const {
  ERR_TLS_INVALID_CONTEXT, fromNative,
} = require('../errors/engine_errors');
const { object } = require('./validate');

// A protocol that a client has offered may be in a policy: it cannot make us
// keep ever more.
const MOST_VARIANTS = 64;

// The raw context of createCredentials() stands for the whole.
const owners = new WeakMap();
const warned = new Set();

// Node passes over names of suites that its OpenSSL does not know, and lists of
// 2011 have many. We say so.
function withoutUnknown(list, error) {
  const name = /^(?:ciphers|ciphersuites): "([^"]+)" is not known/
    .exec(error.message);
  if (!name || !list) return null;
  const all = list.split(/[:;, ]/);
  const rest = all.filter((each) => each !== name[1]);
  if (rest.length === all.length) return null; // its name was too long to tell
  if (!rest.some((each) => /^[^!+-]/.test(each))) return null;
  if (!warned.has(name[1])) {
    warned.add(name[1]);
    process.emitWarning(`options.ciphers: "${name[1]}" is not known here, ` +
      'and left out', { code: 'TLSTREAM_UNKNOWN_CIPHER' });
  }
  return rest.join(':');
}

function make(recipe) {
  for (;;) {
    try {
      return new native.Context(recipe);
    } catch (error) {
      const rest = error.code === 'ERR_TLSTREAM_BAD_CIPHERS' &&
        withoutUnknown(recipe.ciphers, error);
      if (!rest) throw fromNative(error);
      recipe.ciphers = rest;
    }
  }
}

class SecureContext {
  #variants = new Map();
  #identities = 0;

  constructor(options) {
    const recipe = readOptions(options);
    // Enumerable, as with Node: credentials are {context}.
    this.context = make(recipe);
    owners.set(this.context, this);
    this.#identities = recipe.identities.length + recipe.pfx.length;
  }

  /**
   * Whether a server can show a certificate with it.
   */
  get canServe() {
    return this.#identities > 0;
  }

  /**
   * The engine's context for connections of one policy; two of the same share
   * one.
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

// What is not set is left out, so that it does not count.
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
 * The SecureContext that `value` is or, as the raw context of one, stands for;
 * null if it is none.
 */
function contextOf(value) {
  if (value instanceof SecureContext) return value;
  const isObject = typeof value === 'object' && value !== null;
  return (isObject && owners.get(value)) || null;
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

let usual = { key: '', context: null };

// To read the system's roots takes longer than a handshake: connections that
// ask for nothing in particular share them.
function usualContext() {
  const key = JSON.stringify(defaults);
  if (usual.key !== key || usual.context === null) {
    usual = { key, context: new SecureContext({}) };
  }
  return usual.context;
}

/**
 * Forget the shared context: what it was made from has changed.
 */
function forgetUsual() {
  usual.context = null;
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
  return asks ? new SecureContext(options) : usualContext();
}

/**
 * The engine's context for connections of one policy, of one that is a variant
 * already.
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
  forgetUsual,
  isContext,
  variant: (context, policy) => contextOf(context).variant(policy),
};
