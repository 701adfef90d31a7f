// SPDX-License-Identifier: MIT
'use strict';

// How a cleartext stream begins: what it runs on, with which context, and what
// is known when the handshake is done.

const net = require('net');
const { Connection, kCarrier } = require('./engine');
const errors = require('../errors/engine_errors');
const hello = require('./hello');
const { holdBack, sourceOf } = require('./transport');
const { kConnection, kOptions, kRaw } = require('./symbols');
const verdict = require('./authorization');

// The connection is there: what has been written can go. Set by socket.js.
const hooks = { onOpen: null };

// Properties that are there before there is anything to know.
function setFacts(tls, own) {
  tls.encrypted = true;
  tls.authorized = false;
  tls.authorizationError = null;
  tls.alpnProtocol = null;
  tls.npnProtocol = null;
  tls.servername = null;
  tls.secureConnecting = true;
  tls._secureEstablished = false;
  tls._tlsOptions = own;
  if (own.pauseOnConnect) tls.pause();
}

function isConnecting(raw) {
  return raw instanceof net.Socket && !raw.encrypted &&
    (raw.connecting || raw.pending) && !raw.destroyed;
}

function forward(tls, raw, names) {
  for (const name of names) {
    raw.on(name, (...values) => tls.emit(name, ...values));
  }
}

function waitForConnection(tls, raw) {
  tls.connecting = raw.connecting;
  forward(tls, raw, ['lookup', 'connectionAttempt', 'connectionAttemptFailed',
    'connectionAttemptTimeout']);
  raw.once('connect', () => {
    tls.connecting = false;
    begin(tls, raw);
    tls.emit('connect');
    tls.emit('ready');
  });
}

// What goes wrong with a socket whose bytes the engine reads by itself: it
// could not connect, its plain text could not leave, it was destroyed.
function follow(tls, raw) {
  raw.on('error', (error) => tls.destroy(error));
  raw.once('close', () => tls.destroy());
}

// From here on `raw` belongs to the stream, and goes with it.
function attach(tls, raw) {
  raw ??= new net.Socket();
  tls[kRaw] = raw;
  if (isConnecting(raw)) {
    holdBack(raw);
    follow(tls, raw);
    waitForConnection(tls, raw);
  } else {
    begin(tls, raw);
    if (!tls[kCarrier]) follow(tls, raw);
  }
}

function settings(own, source) {
  return {
    isServer: own.isServer,
    context: hello.ownContext(own),
    verifyName: own.isServer ? undefined : own.host,
    servername: own.isServer ? undefined : own.servername,
    head: source.head,
    fd: source.fd,
    handshakeTimeout: own.handshakeTimeout,
    shutdownTimeout: own.shutdownTimeout,
    chooseContext: own.isServer && hello.isAsked(own),
  };
}

function open(tls, raw, source) {
  if (tls.destroyed) return;
  try {
    tls[kConnection] = new Connection(tls, settings(tls[kOptions], source));
  } catch (error) {
    process.nextTick(() => {
      tls.destroy(errors.fromNative(error, scene(tls)));
    });
    return;
  }
  source.carrier?.open(tls[kConnection]);
  hooks.onOpen(tls);
}

// The plain text that the program has written goes out first.
function begin(tls, raw) {
  if (tls.destroyed) return;
  const source = sourceOf(raw);
  tls[kCarrier] = source.carrier;
  if (source.carrier || raw.writableLength === 0) {
    open(tls, raw, source);
  } else {
    raw.write('', (error) => {
      if (error) tls.destroy(error);
      else open(tls, raw, source);
    });
  }
}

// What an error may want to say besides.
function scene(tls) {
  const own = tls[kOptions];
  return {
    role: own.isServer ? 'server' : 'client',
    host: own.givenHost,
    name: own.checkedHost,
    port: own.port,
    path: own.path,
    localAddress: own.localAddress,
    certificate: () => tls.getPeerCertificate(),
  };
}

// The handshake is done.
function finish(tls) {
  const own = tls[kOptions];
  const connection = tls[kConnection];
  const alpn = connection.alpnProtocol();
  tls.alpnProtocol = alpn ?? false;
  tls.npnProtocol = connection.npnProtocol() ??
    (own.npn && alpn !== null ? alpn : undefined);
  tls.servername = connection.servername() ?? false;
  tls._secureEstablished = true;
  const error = verdict.reach(tls, own, connection, scene(tls));
  if (error) {
    tls.destroy(error);
    return;
  }
  tls.secureConnecting = false;
  tls.emit('secure');
}

module.exports = {
  attach,
  chooseContext: hello.chooseContext,
  finish,
  hooks,
  scene,
  setFacts,
};
