// SPDX-License-Identifier: MIT
'use strict';

// A server's choice for a client, once it has said what it wants: which host's
// context, and which protocol. One place asks all who may have a say.

const { errorName } = require('./engine');
const { codedError } = require('../errors/coded_error');
const errors = require('../errors/engine_errors');
const { contextOf, derive, variant } = require('../options/context');
const { fromWire, toWire } = require('../options/protocols');
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

function useAnswer(tls, context, done) {
  let chosen = null;
  try {
    if (context) {
      const found = contextOf(context);
      if (!found) throw new errors.ERR_TLS_INVALID_CONTEXT('context');
      chosen = variant(found, policyOf(tls[kOptions]));
    }
  } catch (error) {
    refuse(tls, 'refuseName', error);
    return;
  }
  done(chosen);
}

// Ask the program for a context by name; it answers by callback, or at once
// with what it returns. What it throws ends the connection, not the process.
// What is found is the engine's context for this connection.
function askForContext(tls, servername, done) {
  let answered = false;
  const answer = (error, context) => {
    if (answered) tls.destroy(new errors.ERR_MULTIPLE_CALLBACK());
    if (answered || tls.destroyed) return;
    answered = true;
    if (error) refuse(tls, 'refuseName', error);
    else useAnswer(tls, context, done);
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
    done(server?.findContext(servername) ?? null);
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

// The context for the protocol that was picked: of the chosen host, or our own.
function withProtocol(own, context, alpn) {
  const policy = { ...policyOf(own), alpn };
  if (context) return derive(context, policy);
  return own.secureContext.canServe ? variant(own.secureContext, policy) : null;
}

// `chosen` is the context of the host that was asked for; null is our own.
function answer(tls, chosen, alpn) {
  const context = alpn ? withProtocol(tls[kOptions], chosen, alpn) : chosen;
  const code = tls[kConnection].acceptHello(context);
  if (code === 0) return;
  throw codedError(errorName(code),
    'A context without a certificate cannot serve');
}

function chooseContext(tls, servername, offered) {
  findContext(tls, servername, (context) => {
    try {
      const asks = tls[kOptions].ALPNCallback && offered;
      const alpn = asks ? askForProtocol(tls, servername, offered) : undefined;
      if (alpn === null) tls[kConnection].refuseProtocol();
      else answer(tls, context, alpn);
    } catch (error) {
      refuse(tls, 'refuseProtocol', error);
    }
  });
}

module.exports = { chooseContext, isAsked, ownContext, policyOf };
