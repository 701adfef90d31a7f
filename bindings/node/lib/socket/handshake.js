// SPDX-License-Identifier: MIT
'use strict';

// The beginning of a TLSSocket, up to the end of the handshake: its transport,
// its context, and the properties that the handshake sets.

const net = require('net');
const errors = require('../errors/engine_errors');
const authorization = require('./authorization');
const { Connection, kTransport } = require('./engine');
const { replaceHandle } = require('./descriptor_handle');
const hello = require('./hello');
const { kConnection, kOptions, kUnderlying } = require('./symbols');
const { preventReading, transportOf } = require('./transport');

const kStart = Symbol('start'); // the handshake, unless it has begun

// Called when there is a connection; socket.js sets it.
const hooks = { onOpen: null };

function setInitialProperties(tls, options) {
  tls.encrypted = true;
  tls.authorized = false;
  tls.authorizationError = null;
  tls.alpnProtocol = null;
  tls.npnProtocol = null;
  tls.servername = null;
  tls.secureConnecting = true;
  tls.truncated = false;
  tls._secureEstablished = false;
  tls._tlsOptions = options;
  if (options.pauseOnConnect) tls.pause();
}

function isConnecting(underlying) {
  return underlying instanceof net.Socket && !underlying.encrypted &&
    (underlying.connecting || underlying.pending) && !underlying.destroyed;
}

function forward(tls, underlying, names) {
  for (const name of names) {
    underlying.on(name, (...values) => tls.emit(name, ...values));
  }
}

function waitForConnection(tls, underlying) {
  tls.connecting = underlying.connecting;
  forward(tls, underlying, ['lookup', 'connectionAttempt',
    'connectionAttemptFailed', 'connectionAttemptTimeout']);
  underlying.once('connect', () => {
    tls.connecting = false;
    begin(tls, underlying);
    tls.emit('connect');
    tls.emit('ready');
  });
}

// Errors of a socket whose bytes the engine reads by itself: it could not
// connect, its plain text could not be sent, or it was destroyed.
function followFailures(tls, underlying) {
  underlying.on('error', (error) => tls.destroy(error));
  underlying.once('close', () => tls.destroy());
}

// From here on the TLSSocket owns `underlying`, and destroys it with itself.
function attach(tls, underlying) {
  if (underlying instanceof net.Socket) tls._parent = underlying;
  underlying ??= new net.Socket();
  tls[kUnderlying] = underlying;
  if (isConnecting(underlying)) {
    preventReading(underlying);
    followFailures(tls, underlying);
    waitForConnection(tls, underlying);
  } else {
    begin(tls, underlying);
    if (!tls[kTransport]) followFailures(tls, underlying);
  }
}

function connectionOptions(options, { fd, head }) {
  return {
    isServer: options.isServer,
    context: hello.ownContext(options),
    verifyName: options.isServer ? undefined : options.host,
    servername: options.isServer ? undefined : options.servername,
    head,
    fd,
    handshakeTimeout: options.handshakeTimeout,
    shutdownTimeout: options.shutdownTimeout,
    chooseContext: options.isServer && hello.needsChoice(options),
  };
}

// The socket may have been destroyed since its descriptor was looked at, and the
// number may be that of another one.
function isStale(tls, { fd }) {
  return fd !== undefined && tls[kUnderlying]._handle?.fd !== fd;
}

function open(tls, transport) {
  if (tls.destroyed) return;
  if (isStale(tls, transport)) {
    tls.destroy();
    return;
  }
  try {
    tls[kConnection] = new Connection(tls,
      connectionOptions(tls[kOptions], transport));
  } catch (error) {
    process.nextTick(() => {
      tls.destroy(errors.fromNative(error, failureContext(tls)));
    });
    return;
  }
  if (transport.duplex) transport.duplex.open(tls[kConnection]);
  else replaceHandle(tls[kUnderlying], tls[kConnection]);
  hooks.onOpen(tls);
}

// Plain text that the program has written leaves first.
function begin(tls, underlying) {
  if (tls.destroyed) return;
  const transport = transportOf(underlying);
  tls[kTransport] = transport.duplex;
  if (transport.duplex || underlying.writableLength === 0) {
    schedule(tls, transport);
  } else {
    underlying.write('', (error) => {
      if (error) tls.destroy(error);
      else open(tls, transport);
    });
  }
}

// The program that makes a client by itself may give it a name before it calls
// _start().
function schedule(tls, transport) {
  if (tls._controlReleased || tls[kOptions].isServer) {
    open(tls, transport);
    return;
  }
  tls[kStart] = () => {
    tls[kStart] = null;
    open(tls, transport);
  };
  process.nextTick(start, tls);
}

function start(tls) {
  tls[kStart]?.();
}

// What an error may contain besides its cause.
function failureContext(tls) {
  const options = tls[kOptions];
  return {
    role: options.isServer ? 'server' : 'client',
    host: options.givenHost,
    name: options.checkedHost,
    port: options.port,
    path: options.path,
    localAddress: options.localAddress,
    certificate: () => tls.getPeerCertificate(),
  };
}

// The handshake is done.
function finish(tls) {
  const options = tls[kOptions];
  const connection = tls[kConnection];
  const alpn = connection.alpnProtocol();
  tls.alpnProtocol = alpn ?? false;
  tls.npnProtocol = connection.npnProtocol() ??
    (options.npn && alpn !== null ? alpn : undefined);
  tls.servername = connection.servername() ?? false;
  tls._secureEstablished = true;
  const error = authorization.authorize(tls, options, connection,
    failureContext(tls));
  if (error && !options.leavesVerdict) {
    tls.destroy(error);
    return;
  }
  tls.secureConnecting = false;
  if (error) authorization.leaveToProgram(tls, error);
  else tls.emit('secure');
}

module.exports = {
  attach,
  chooseContext: hello.chooseContext,
  failureContext,
  finish,
  hooks,
  setInitialProperties,
  start,
};
