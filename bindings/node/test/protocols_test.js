// SPDX-License-Identifier: MIT
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const tls = require('node:tls');
const { lib } = require('./support/home');

const { fromWire, splitCiphers, toWire, versions } = lib('options/protocols');
const defaults = lib('options/defaults');

const wire = Buffer.from('\x05hello\x05world');

test('protocols come as strings, as bytes, or as on the wire', () => {
  const forms = [
    ['hello', 'world'],
    [Buffer.from('hello'), Buffer.from('world')],
    ['hello', new Uint8Array(Buffer.from('world'))],
    wire,
    new Uint8Array(wire),
    new DataView(new Uint8Array(wire).buffer),
  ];
  for (const form of forms) assert.deepStrictEqual(toWire(form), wire);
});

test('the wire form is the one that Node makes', () => {
  for (const list of [['h2'], ['h2', 'http/1.1'], ['é', 'x'.repeat(255)]]) {
    const out = {};
    tls.convertALPNProtocols(list, out);
    assert.deepStrictEqual(toWire(list), out.ALPNProtocols);
  }
});

test('what is given is copied', () => {
  const given = Buffer.from(wire);
  const copy = toWire(given);
  given.fill(0);
  assert.deepStrictEqual(copy, wire);
});

test('there is no list where nothing is in it', () => {
  for (const none of [undefined, null, false, [], Buffer.alloc(0)]) {
    assert.strictEqual(toWire(none), undefined);
  }
});

test('the wire form is read back', () => {
  assert.deepStrictEqual(fromWire(wire), ['hello', 'world']);
  assert.deepStrictEqual(fromWire(Buffer.alloc(0)), []);
});

test('lists that cannot be sent are refused', () => {
  const refused = [
    [[''], 'ERR_INVALID_ARG_VALUE'],
    [Buffer.from([0]), 'ERR_INVALID_ARG_VALUE'],
    [Buffer.from([2, 97]), 'ERR_INVALID_ARG_VALUE'],
    [Buffer.from([1, 97, 1]), 'ERR_INVALID_ARG_VALUE'],
    [['x'.repeat(256)], 'ERR_OUT_OF_RANGE'],
    [['é'.repeat(128)], 'ERR_OUT_OF_RANGE'],
    [[1], 'ERR_INVALID_ARG_TYPE'],
    [[null], 'ERR_INVALID_ARG_TYPE'],
    [[[]], 'ERR_INVALID_ARG_TYPE'],
    ['h2', 'ERR_INVALID_ARG_TYPE'],
    [1, 'ERR_INVALID_ARG_TYPE'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [list, code] of refused) {
    assert.throws(() => toWire(list), { code }, String(list));
  }
});

test('an error names the option', () => {
  assert.throws(() => toWire([1], 'NPNProtocols'),
    { message: /^The "NPNProtocols\[0\]" argument must be of type string/ });
});

test('old versions are no lower bound, and no upper one', () => {
  const both = { minVersion: 12, maxVersion: 13 };
  assert.deepStrictEqual(versions({}), both);
  for (const minVersion of ['TLSv1', 'TLSv1.1', 'TLSv1.2', null]) {
    assert.deepStrictEqual(versions({ minVersion }), both);
  }
  assert.deepStrictEqual(versions({ minVersion: 'TLSv1.3' }),
    { minVersion: 13, maxVersion: 13 });
  assert.deepStrictEqual(versions({ maxVersion: 'TLSv1.2' }),
    { minVersion: 12, maxVersion: 12 });
  for (const maxVersion of ['TLSv1', 'TLSv1.1', 'SSLv3', 13, 'toString']) {
    assert.throws(() => versions({ maxVersion }),
      { code: 'ERR_TLS_INVALID_PROTOCOL_VERSION' });
  }
});

test('a program can set the default bounds', () => {
  const { DEFAULT_MIN_VERSION } = defaults;
  defaults.DEFAULT_MIN_VERSION = 'TLSv1.3';
  try {
    assert.strictEqual(versions({}).minVersion, 13);
  } finally {
    defaults.DEFAULT_MIN_VERSION = DEFAULT_MIN_VERSION;
  }
});

test('secureProtocol means what it can still mean', () => {
  const only12 = { minVersion: 12, maxVersion: 12 };
  const rows = [
    ['TLS_method', { minVersion: 12, maxVersion: 13 }],
    ['TLS_client_method', { minVersion: 12, maxVersion: 13 }],
    ['SSLv23_method', only12], ['SSLv23_server_method', only12],
    ['TLSv1_2_method', only12], ['TLSv1_2_client_method', only12],
    ['', { minVersion: 12, maxVersion: 13 }],
  ];
  for (const [secureProtocol, expected] of rows) {
    assert.deepStrictEqual(versions({ secureProtocol }), expected);
  }
  for (const secureProtocol of ['SSLv2_method', 'SSLv3_server_method',
    'TLSv1_method', 'TLSv1_1_client_method', 'TLSv1_3_method', 'nonsense']) {
    assert.throws(() => versions({ secureProtocol }),
      { code: 'ERR_TLS_INVALID_PROTOCOL_METHOD' });
  }
});

test('secureProtocol and a bound exclude each other, as with Node', () => {
  const options = { secureProtocol: 'TLSv1_2_method', minVersion: 'TLSv1.2' };
  assert.throws(() => tls.createSecureContext(options), (theirs) => {
    assert.throws(() => versions(options),
      { code: theirs.code, message: theirs.message });
    return true;
  });
});

test('suites of TLS 1.3 are distinguished from the others by their names', () => {
  const rows = [
    ['TLS_A:B:TLS_C', { ciphers: 'B', ciphersuites: 'TLS_A:TLS_C' }],
    ['B:!aNULL', { ciphers: 'B:!aNULL', ciphersuites: undefined }],
    ['TLS_A', { ciphers: undefined, ciphersuites: 'TLS_A' }],
    ['B::!TLS_C', { ciphers: 'B', ciphersuites: '!TLS_C' }],
  ];
  for (const [list, expected] of rows) {
    assert.deepStrictEqual(splitCiphers(list), expected);
  }
  assert.throws(() => splitCiphers(':'), { code: 'ERR_INVALID_ARG_VALUE' });
});
