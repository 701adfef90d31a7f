// SPDX-License-Identifier: MIT
// L4: no value from JavaScript makes the engine abort the process: what does
// not fit throws, at every API and at the engine itself.
'use strict';
const assert = require('node:assert');
const { Duplex, PassThrough } = require('node:stream');
const test = require('node:test');
const { api, file } = require('./support/home');
const { LOCALHOST, makeCertificates } = require('./support/folder');

const tls = api();
const native = require(file('build/Release/tlstream.node'));
const maker = makeCertificates();
maker.signed('server', 'ca', '/CN=localhost', LOCALHOST);
const server = { ...maker.identity('server'), ca: maker.read('ca.pem') };

class Trap {
  get key() { throw new Error('a getter'); }
}

const oddities = [undefined, null, true, 0, -1, 1.5, NaN, 2 ** 53, 10n, '',
  'text', 'a\0b', 'x'.repeat(100000), Symbol('odd'), () => {}, {}, [], [1],
  [null], new Trap(), new Proxy({}, {}), new Date(), /x/, new Map(),
  Buffer.alloc(0), Buffer.from('bytes'), new Uint8Array(3), new ArrayBuffer(8),
  new DataView(new ArrayBuffer(2)), Object.create(null), Promise.resolve(),
  new PassThrough(), new Error('one')];

// Every fifth of them, another fifth for each `turn`: all of them for each of
// many names would take minutes.
function some(turn) {
  return oddities.filter((each, i) => i % 5 === turn % 5);
}

// What is thrown is an Error with a word for it, and nothing else happens.
function attempt(call) {
  try {
    const result = call();
    if (result instanceof Duplex) {
      result.on('error', () => {});
      result.destroy();
    }
  } catch (error) {
    assert.ok(error instanceof Error, `${String(error)} was thrown`);
    assert.ok(error.message.length > 0);
  }
}

const names = ['key', 'cert', 'ca', 'crl', 'pfx', 'passphrase', 'ciphers',
  'sigalgs', 'ecdhCurve', 'minVersion', 'maxVersion', 'secureProtocol',
  'secureOptions', 'ALPNProtocols', 'NPNProtocols', 'SNICallback',
  'ALPNCallback', 'servername', 'checkServerIdentity', 'secureContext',
  'handshakeTimeout', 'rejectUnauthorized', 'requestCert', 'allowHalfOpen',
  'highWaterMark', 'pauseOnConnect', 'dhparam', 'ticketKeys', 'session'];

test('L4: createSecureContext with odd options', () => {
  for (const odd of oddities) attempt(() => tls.createSecureContext(odd));
  names.forEach((name, i) => {
    for (const odd of some(i)) {
      attempt(() => tls.createSecureContext({ ...server, [name]: odd }));
    }
  });
});

test('L4: createServer and its methods with odd values', () => {
  const one = tls.createServer(server);
  for (const odd of oddities) {
    attempt(() => tls.createServer(odd));
    attempt(() => one.addContext(odd, odd));
    attempt(() => one.addContext('x.test', odd));
    attempt(() => one.setSecureContext(odd));
  }
  names.forEach((name, i) => {
    for (const odd of some(i + 1)) {
      attempt(() => tls.createServer({ ...server, [name]: odd }));
    }
  });
});

test('L4: TLSSocket, connect and createSecurePair with odd values', () => {
  for (const odd of oddities) {
    attempt(() => new tls.TLSSocket(odd));
    attempt(() => new tls.TLSSocket(new PassThrough(), odd));
    attempt(() => tls.createSecurePair(odd));
    attempt(() => tls.createSecurePair(null, odd, odd, odd, odd).cleartext);
    attempt(() => tls.connect({ socket: odd, servername: 'x' }));
  }
  names.forEach((name, i) => {
    for (const odd of some(i + 2)) {
      attempt(() => tls.connect({ socket: new PassThrough(), servername: 'x',
        ca: server.ca, [name]: odd }));
    }
  });
});

test('L4: methods of a socket with odd values', () => {
  const socket = new tls.TLSSocket(new PassThrough(), { isServer: true,
    ...server });
  socket.on('error', () => {});
  for (const name of Object.getOwnPropertyNames(tls.TLSSocket.prototype)) {
    if (['constructor', 'connect', 'destroy'].includes(name)) continue;
    for (const odd of some(name.length)) {
      attempt(() => {
        const value = socket[name];
        if (typeof value === 'function') value.call(socket, odd, odd);
      });
    }
  }
  socket.destroy();
});

function callAll(prototype, receivers) {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name === 'constructor') continue;
    for (const receiver of receivers) {
      for (const odd of some(name.length)) {
        attempt(() => prototype[name].call(receiver, odd, odd));
      }
    }
  }
}

test('L4: the engine itself, with odd values and on wrong objects', () => {
  const context = new native.Context({});
  const hosts = new native.Hosts();
  for (const odd of oddities) {
    attempt(() => new native.Context(odd));
    attempt(() => new native.Connection(odd, odd));
    attempt(() => new native.Connection({}, { fd: odd, context }));
    attempt(() => new native.Connection({}, { context: odd, isServer: true }));
    attempt(() => new native.Context({ identities: odd, ca: odd }));
    attempt(() => native.Connection(odd));
    attempt(() => native.setup(odd));
    attempt(() => native.errorName(odd));
  }
  const receivers = [context, hosts, {}, new Date(), null, undefined, 5];
  callAll(native.Connection.prototype, receivers);
  callAll(native.Hosts.prototype, receivers);
});

test('what promises something that is not there is an error', () => {
  for (const options of [{ pskCallback() {} }, { requestOCSP: true }]) {
    const all = { socket: new PassThrough(), servername: 'x', ...options };
    assert.throws(() => tls.connect(all),
      { code: 'ERR_TLSTREAM_UNSUPPORTED' });
    assert.throws(() => tls.createServer({ ...server, ...options }),
      { code: 'ERR_TLSTREAM_UNSUPPORTED' });
  }
});
