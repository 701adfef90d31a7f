// SPDX-License-Identifier: MIT
'use strict';

// The options of a TLSSocket, checked, with every default filled in.

const { isUint8Array } = require('util').types;
const { contextFor } = require('./context');
const errors = require('../errors/engine_errors');
const { toASCII, toSni } = require('./names');
const { toWire } = require('./protocols');
const { isRegistered } = require('./registered');
const check = require('./validate');

function checkSocket(socket) {
  if (check.isNothing(socket)) return;
  if (typeof socket.write === 'function' && typeof socket.on === 'function') {
    return;
  }
  throw new errors.ERR_INVALID_ARG_TYPE('socket', 'stream.Duplex', socket);
}

function checkCallbacks(options) {
  for (const name of ['SNICallback', 'ALPNCallback', 'pskCallback',
    'checkServerIdentity']) {
    check.optional(check.func, options[name], `options.${name}`);
  }
  if (options.isServer && options.ALPNCallback && options.ALPNProtocols) {
    throw new errors.ERR_TLS_ALPN_CALLBACK_WITH_PROTOCOLS();
  }
}

// An option that this version lacks must not be ignored silently.
function refuseUnsupported(options) {
  for (const name of ['pskCallback', 'requestOCSP']) {
    if (!options[name]) continue;
    throw new errors.ERR_TLSTREAM_UNSUPPORTED(
      `options.${name}: there is no such thing here yet`);
  }
}

function checkSignal(signal) {
  if (signal === undefined) return;
  if (signal !== null && typeof signal === 'object' && 'aborted' in signal) {
    return;
  }
  throw new errors.ERR_INVALID_ARG_TYPE('options.signal', 'AbortSignal',
    signal);
}

function isReadBuffer(value) {
  return isUint8Array(value) || typeof value === 'function';
}

function checkOnread(onread) {
  if (check.isNothing(onread)) return null;
  if (typeof onread === 'object' && isReadBuffer(onread.buffer) &&
      typeof onread.callback === 'function') {
    return onread;
  }
  throw new errors.ERR_INVALID_ARG_TYPE('options.onread',
    'Object with buffer and callback', onread);
}

function protocols(list) {
  return list ? toWire(list) : undefined;
}

// NPN does not exist in TLS 1.3 and in most peers: a list for it is offered by
// ALPN as well.
function listsOf(options) {
  const npn = protocols(options.NPNProtocols);
  return { alpn: protocols(options.ALPNProtocols) ?? npn, npn };
}

// A server's options are checked once for all its connections. A program's copy
// of checked options is checked anew, so that nothing of it is taken on trust.
const checkedOptions = new WeakSet();

function markChecked(options) {
  checkedOptions.add(options);
  return options;
}

function checkOptions(socket, options) {
  checkSocket(socket);
  options ??= {};
  if (isChecked(options)) return options;
  checkCallbacks(options);
  refuseUnsupported(options);
  check.optional(check.number, options.handshakeTimeout,
    'options.handshakeTimeout');
  checkSignal(options.signal);
  return markChecked({
    isServer: Boolean(options.isServer),
    server: options.server,
    secureContext: contextFor(options),
    requestCert: options.requestCert === true,
    rejectUnauthorized: options.rejectUnauthorized !== false,
    insecureAllowTruncation:
      (options.insecureAllowTruncation ?? isRegistered()) === true,
    ...listsOf(options),
    SNICallback: options.SNICallback,
    ALPNCallback: options.ALPNCallback,
    servername: toSni(options.servername),
    host: toASCII(options.servername || options.host),
    checkedHost: options.servername || options.host || 'localhost',
    insecureSkipName: options.insecureSkipName === true,
    leavesVerdict: false,
    checkServerIdentity: options.isServer ? undefined :
      options.checkServerIdentity,
    handshakeTimeout: options.handshakeTimeout,
    shutdownTimeout: options.shutdownTimeout,
    pauseOnConnect: options.pauseOnConnect === true,
    allowHalfOpen: options.allowHalfOpen === true,
    highWaterMark: options.highWaterMark,
    signal: options.signal,
    onread: checkOnread(options.onread),
    givenHost: options.host,
    port: options.port,
    path: options.path,
    localAddress: options.localAddress,
  });
}

// Those of a socket that a program makes by itself. With Node the check of a
// server is left to it; a registered program was written for that.
function handMade(checked) {
  if (checked.isServer || !isRegistered()) return checked;
  return withChanges(checked, { leavesVerdict: true });
}

function withChanges(checked, changes) {
  return markChecked({ ...checked, ...changes });
}

// Whether options have been checked: those of connect() and of servers have.
function isChecked(options) {
  return checkedOptions.has(options);
}

module.exports = { checkOptions, handMade, isChecked, withChanges };
