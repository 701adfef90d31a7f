// SPDX-License-Identifier: MIT
'use strict';

// A server's choice after the ClientHello: the context of the host that was
// asked for, and the application protocol. SNICallback, the contexts of
// addContext() and ALPNCallback are consulted here and nowhere else.

const { errorName } = require('./engine');
const { codedError, toError } = require('../errors/coded_error');
const errors = require('../errors/engine_errors');
const { contextOf, derive, variant } = require('../options/context');
const { fromWire, toWire } = require('../options/protocols');
const { kCause, kConnection, kOptions } = require('./symbols');

const kKeyCert = Symbol('key and certificate');

// A program that leaves out the name may give one before the handshake begins.
function skipsName(options) {
  return Boolean(options.checkServerIdentity) || options.insecureSkipName ||
    (options.leavesVerdict && !options.host);
}

// The settings that a connection adds to a SecureContext.
function policyOf(options) {
  return {
    requestCertificate: options.isServer && options.requestCert,
    allowUnauthorized: !options.rejectUnauthorized || options.leavesVerdict,
    allowTruncation: true, // socket.js looks at it
    skipName: skipsName(options),
    alpn: options.alpn,
    npn: options.npn,
  };
}

// All connections of a server share their options, so this is made once.
const contexts = new WeakMap();

function ownContext(options) {
  let context = contexts.get(options);
  if (!context) {
    context = variant(options.secureContext, policyOf(options));
    contexts.set(options, context);
  }
  return context;
}

// Whether the handshake must wait for a choice. A server without a certificate
// of its own has only those of its hosts; `server` may also be one of plain
// connections, or Node's own.
function needsChoice(options) {
  return Boolean(options.SNICallback || options.ALPNCallback ||
    options.server?.hasContexts?.() || !options.secureContext.canServe);
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

// Call SNICallback, which answers by its callback or by its return value. What
// it throws ends the connection, not the process. `done` gets the engine's
// context for this connection.
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
    // Node's callback of 2011 had one parameter and returned the context.
    const isAnswer = SNICallback.length === 1 || contextOf(returned);
    if (!answered && isAnswer) answer(null, returned);
  } catch (error) {
    refuse(tls, 'refuseName', error);
  }
}

// The client gets an alert, and the program the error that it threw.
function refuse(tls, method, thrown) {
  tls[kCause] = toError(thrown);
  tls[kConnection]?.[method]();
}

function findContext(tls, servername, done) {
  const { SNICallback, server } = tls[kOptions];
  if (servername === null) {
    done(null);
  } else if (SNICallback) {
    askForContext(tls, servername, done);
  } else {
    done(server?.findContext?.(servername) ?? null);
  }
}

// The protocol that ALPNCallback picks of those offered, in wire form; null if
// it picks none.
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

// The chosen host's context, or the server's options, with the protocol picked.
function withProtocol(options, context, alpn) {
  const policy = { ...policyOf(options), alpn };
  if (context) return derive(context, policy);
  return options.secureContext.canServe ?
    variant(options.secureContext, policy) : null;
}

// `chosen` is the context of the host that was asked for; null is the server's.
function accept(tls, chosen, alpn) {
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
      else accept(tls, tls[kKeyCert] ?? context, alpn);
    } catch (error) {
      refuse(tls, 'refuseProtocol', error);
    }
  });
}

// What the program calls in its ALPNCallback: another context after all.
function setKeyCert(tls, context) {
  const found = contextOf(context);
  if (!found) throw new errors.ERR_TLS_INVALID_CONTEXT('context');
  tls[kKeyCert] = variant(found, policyOf(tls[kOptions]));
}

module.exports = {
  chooseContext, needsChoice, ownContext, policyOf, setKeyCert,
};
