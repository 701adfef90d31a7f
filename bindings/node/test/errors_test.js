// SPDX-License-Identifier: MIT
'use strict';
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const test = require('node:test');
const { lib, root } = require('./support/home');

const errors = lib('errors/engine_errors');
const { rows } = lib('errors/alerts');
const { messages } = lib('errors/x509_errors');
const { fromNative } = errors;

function native(code, message, more) {
  const tlstream = { name: code, class: 'peer', alert: -1, alertSide: 'none',
    verify: 0, depth: -1, system: 0, quiet: false, ...more };
  return Object.assign(new Error(message), { code, tlstream });
}

// [symbol, class] of every error that the library has.
function libraryErrors() {
  const header = path.join(root, 'include/tlstream/error.h');
  return [...fs.readFileSync(header, 'utf8')
    .matchAll(/^ {2}X\((\w+), +(\w+),/gm)].map((each) => each.slice(1));
}

test('alerts are called as the library calls them', () => {
  const source = fs.readFileSync(
    path.join(root, 'src/core/openssl/alert.c'), 'utf8');
  const theirs = [...source.matchAll(/\{(\d+), "(\w+)",/g)]
    .map(([, number, name]) => [Number(number), name])
    .filter(([number]) => number !== 0); // close_notify is no failure
  assert.deepStrictEqual(rows.map(([number, name]) => [number, name]), theirs);
});

function opensslWords(code) {
  const text = execFileSync('openssl', ['errstr', code.toString(16)]);
  return String(text).trim().split(':').pop();
}

test('an alert has the words of OpenSSL 3.0', (t) => {
  if (!/^OpenSSL 3\.0\./.test(String(execFileSync('openssl', ['version'])))) {
    t.skip('the openssl command is of another version');
    return;
  }
  for (const [number, , reason] of rows) {
    assert.strictEqual(reason, opensslWords(0x0A000000 + 1000 + number));
  }
});

test('an alert of the peer has a number, a name and a hint', () => {
  const error = fromNative(native('ERR_TLSTREAM_ALERT',
    'peer: alert unknown_ca (48): it does not trust the authority',
    { alert: 48, alertSide: 'theirs' }));
  assert.deepStrictEqual({ ...error, message: error.message }, {
    message: 'tlsv1 alert unknown ca: SSL alert number 48: it does not trust ' +
      'the authority',
    library: 'SSL routines',
    reason: 'tlsv1 alert unknown ca',
    code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    tlstreamCode: 'ERR_TLSTREAM_ALERT',
    side: 'theirs',
    alert: 'unknown_ca',
    hint: 'it does not trust the authority',
  });
});

test('an unassigned alert has its number', () => {
  const error = fromNative(native('ERR_TLSTREAM_ALERT',
    'peer: alert unassigned alert (77): no standard', { alert: 77,
      alertSide: 'theirs' }));
  assert.strictEqual(error.alert, '77');
  assert.strictEqual(error.code, 'ERR_SSL_REASON(1077)');
});

test('every error of the library becomes an Error with a code', () => {
  const all = libraryErrors();
  assert.ok(all.length > 40);
  for (const [symbol] of all) {
    const name = `ERR_TLSTREAM_${symbol}`;
    const error = fromNative(native(name, 'what: the reason', { alert: 40 }),
      { role: 'client', host: 'a.test', port: 1 });
    assert.ok(error instanceof Error, name);
    assert.match(error.code, /^E[A-Z0-9_]+$/, name);
    assert.strictEqual(error.tlstreamCode, name);
    assert.notStrictEqual(error.message, '', name);
  }
});

test('no translation is for an error that the library does not have', () => {
  const source = fs.readFileSync(require.resolve(
    path.join(root, 'bindings/node/lib/errors/engine_errors.js')), 'utf8');
  const known = new Set(libraryErrors().map(([symbol]) => symbol));
  const used = [...source.matchAll(/ERR_TLSTREAM_([A-Z_]+)/g)];
  assert.ok(used.length > 15);
  for (const [, symbol] of used) assert.ok(known.has(symbol), symbol);
});

test("a reason that Node knows by a code has OpenSSL's words first", () => {
  const error = fromNative(native('CERT_HAS_EXPIRED',
    'the certificate "a" is not trusted: its life is over: renew it',
    { verify: 10 }));
  assert.strictEqual(error.code, 'CERT_HAS_EXPIRED');
  assert.match(error.message, /^certificate has expired: the certificate "a"/);
  assert.strictEqual(error.hint, 'renew it');
  assert.ok(Object.keys(messages).length >= 28);
});

test('a reason without a code of Node keeps its own', () => {
  const error = fromNative(native('EE_KEY_TOO_BIG', 'x', { verify: 999 }));
  assert.strictEqual(error.code, 'EE_KEY_TOO_BIG');
  assert.match(error.message, /^ee key too big: /);
});

test("another name has Node's sentence, and what Node's error has", () => {
  const cert = { subject: { CN: 'x' }, subjectaltname: 'DNS:a.test' };
  const error = fromNative(native('ERR_TLSTREAM_WRONG_NAME', 'for a.test',
    { verify: 62 }), { role: 'client', host: 'b.test',
    certificate: () => cert });
  assert.strictEqual(error.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
  assert.strictEqual(error.message,
    "Hostname/IP does not match certificate's altnames: " +
    "Host: b.test. is not in the cert's altnames: DNS:a.test");
  assert.strictEqual(error.host, 'b.test');
  assert.strictEqual(error.cert, cert);
  assert.match(error.reason, /^Host: b\.test\./);
});

test('the error of a close during the handshake depends on the side', () => {
  const left = native('ERR_TLSTREAM_CLOSED_IN_HANDSHAKE', 'it left');
  const where = { host: 'a.test', port: 1, localAddress: '::1' };
  const client = fromNative(left, { role: 'client', ...where });
  assert.deepStrictEqual([client.code, client.host, client.port,
    client.localAddress], ['ECONNRESET', 'a.test', 1, '::1']);
  assert.strictEqual(client.message, 'Client network socket disconnected ' +
    'before secure TLS connection was established');
  const server = fromNative(left, { role: 'server', ...where });
  assert.deepStrictEqual([server.code, server.message, server.host],
    ['ECONNRESET', 'socket hang up', undefined]);
});

test("the system's errors are those of Node's sockets", () => {
  const read = fromNative(native('ECONNRESET', 'x', { system: -104 }));
  assert.deepStrictEqual([read.message, read.errno, read.syscall],
    ['read ECONNRESET', -104, 'read']);
  const written = fromNative(native('EPIPE', 'x', { system: -32 }));
  assert.strictEqual(written.message, 'write EPIPE');
});

test('the hint is no part of the message of the peer', () => {
  const error = fromNative(native('ERR_TLSTREAM_NOT_TLS',
    'it does not speak TLS (it began with "220 a: b"): the right port?'));
  assert.strictEqual(error.hint, 'the right port?');
  const plain = fromNative(native('ERR_TLSTREAM_TRUNCATED', 'it has left'));
  assert.ok(!('hint' in plain));
  assert.strictEqual(plain.code, 'ERR_TLSTREAM_TRUNCATED');
});

test('options are called by their names in JavaScript', () => {
  const error = fromNative(native('ERR_TLSTREAM_NO_SHARED_VERSION',
    'no version (see min_version and max_version)'));
  assert.strictEqual(error.hint, 'see minVersion and maxVersion');
});

test('what is no native error is left alone', () => {
  for (const each of [new Error('x'), null, undefined, 'x']) {
    assert.strictEqual(fromNative(each), each);
  }
});

// Node's own, got by calling Node wrongly.
const provoked = [
  [() => net.connect({ port: 'x' }),
    () => new errors.ERR_SOCKET_BAD_PORT('Port', 'x')],
  [() => Buffer.alloc('x'),
    () => new errors.ERR_INVALID_ARG_TYPE('size', 'number', 'x')],
  [() => fs.statSync(null), () => new errors.ERR_INVALID_ARG_TYPE('path',
    ['string', 'Buffer', 'URL'], null)],
  [() => new net.Socket({ fd: {} }), () => new errors.ERR_INVALID_ARG_TYPE(
    'fd', 'number', {})],
  [() => Buffer.alloc(1).readUInt8(2), () => new errors.ERR_OUT_OF_RANGE(
    'offset', '>= 0 and <= 0', 2)],
  [() => net.connect({}), () => new errors.ERR_MISSING_ARGS(
    ['options', 'port', 'path'])],
];

test("our copies of Node's errors are like Node's", () => {
  for (const [provoke, make] of provoked) {
    assert.throws(provoke, (theirs) => {
      const ours = make();
      assert.deepStrictEqual(
        [ours.code, ours.message, ours.constructor, String(ours), ours.name],
        [theirs.code, theirs.message, theirs.constructor, String(theirs),
          theirs.name]);
      const [firstLine] = theirs.stack.split('\n');
      assert.strictEqual(ours.stack.split('\n')[0], firstLine);
      return true;
    });
  }
});
