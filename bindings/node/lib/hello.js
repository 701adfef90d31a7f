// SPDX-License-Identifier: MIT
'use strict';

// A server's choice for a client, once it has said what it wants: which host's
// context, and which protocol. One place asks all who may have a say.

const { errorName } = require('./engine');
const errors = require('./errors');
const { contextOf, derive, variant } = require('./context');
const { fromWire, toWire } = require('./protocols');
const { kCause, kConnection, kOptions } = require('./symbols');

// What a connection adds to the credentials of a context.
function policyOf(own) {
  return {
    requestCertificate: own.isServer && own.requestCert,
    allowUnauthorized: !own.rejectUnauthorized,
    allowTruncation: own.insecureAllowTruncation,
    skipName: Boolean(own.checkServerIdentity) || own.insecureSkipName,
    alpn: own.alpn,
    npn: own.npn,
  };
}

// A server's options are those of all its connections: it is looked up once.
const contexts = new WeakMap();

function ownContext(own) {
  let context = contexts.get(own);
  if (!context) {
    context = variant(own.secureContext, policyOf(own));
    contexts.set(own, context);
  }
  return context;
}

// Does anybody want to be asked? Without a certificate of its own a server
// lives on those of its hosts.
function isAsked(own) {
  return Boolean(own.SNICallback || own.ALPNCallback ||
    own.server?.hasContexts() || !own.secureContext.canServe);
}

// Ask the program for a context by name; it answers by callback, or at once
// with what it returns. What it throws ends the connection, not the process.
// What is found is a function that gives the engine's context for a policy.
function askForContext(tls, servername, done) {
  let answered = false;
  const finish = (context) => {
    if (!context) return done(null);
    const found = contextOf(context);
    if (found) return done((policy) => variant(found, policy));
    const error = new errors.ERR_TLS_INVALID_CONTEXT('context');
    return refuse(tls, 'refuseName', error);
  };
  const answer = (error, context) => {
    if (answered) tls.destroy(new errors.ERR_MULTIPLE_CALLBACK());
    if (answered || tls.destroyed) return;
    answered = true;
    if (error) refuse(tls, 'refuseName', error);
    else finish(context);
  };
  try {
    const { SNICallback } = tls[kOptions];
    const returned = SNICallback.call(tls, servername, answer);
    // As on the page: with one parameter it has no other way to answer.
    const isAnswer = SNICallback.length === 1 || contextOf(returned);
    if (!answered && isAnswer) answer(null, returned);
  } catch (error) {
    refuse(tls, 'refuseName', error);
  }
}

// The client gets an alert, the program its own error.
function refuse(tls, method, thrown) {
  tls[kCause] = thrown instanceof Error ? thrown : new Error(String(thrown));
  tls[kConnection]?.[method]();
}

function findContext(tls, servername, done) {
  const { SNICallback, server } = tls[kOptions];
  if (servername === null) {
    done(null);
  } else if (SNICallback) {
    askForContext(tls, servername, done);
  } else {
    const found = server?.findContext(servername);
    done(found ? (policy) => derive(found, policy) : null);
  }
}

// The protocol that the program picks of those offered, in wire form; null if
// it wants none.
function askForProtocol(tls, servername, offered) {
  const protocols = fromWire(offered);
  const picked = tls[kOptions].ALPNCallback.call(tls, {
    servername: servername ?? false, protocols,
  });
  if (picked === undefined) return null;
  if (protocols.includes(picked)) {
    return toWire([Buffer.from(picked, 'latin1')]);
  }
  throw new errors.ERR_TLS_ALPN_CALLBACK_INVALID_RESULT(picked, protocols);
}

// `make` gives the context of the chosen host for a policy; null is our own.
function answer(tls, make, alpn) {
  const own = tls[kOptions];
  const policy = policyOf(own);
  if (alpn) policy.alpn = alpn;
  const context = make ? make(policy) :
    alpn && own.secureContext.canServe ? variant(own.secureContext, policy) :
      null;
  const code = tls[kConnection].answer(context);
  if (code === 0) return;
  throw Object.assign(new Error('A context without a certificate cannot serve'),
    { code: errorName(code) });
}

function chooseContext(tls, servername, offered) {
  findContext(tls, servername, (make) => {
    try {
      const asks = tls[kOptions].ALPNCallback && offered;
      const alpn = asks ? askForProtocol(tls, servername, offered) : undefined;
      if (alpn === null) tls[kConnection].refuseProtocol();
      else answer(tls, make, alpn);
    } catch (error) {
      refuse(tls, 'refuseProtocol', error);
    }
  });
}

module.exports = { chooseContext, isAsked, ownContext, policyOf };
