// SPDX-License-Identifier: MIT
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const tls = require('node:tls');
const { lib } = require('./support/home');

const {
  classicConnectArguments, connectArguments, serverArguments,
} = lib('api/arguments');
const { checkOptions } = lib('options/socket_options');

function callback() {}

const forms = [
  [[1], { port: 1 }],
  [['1'], { port: '1' }],
  [[1, 'h'], { port: 1, host: 'h' }],
  [[1, { a: 2 }], { port: 1, a: 2 }],
  [[1, 'h', { a: 2 }], { port: 1, host: 'h', a: 2 }],
  [[1, 'h', { host: 'x', port: 2 }], { port: 2, host: 'x' }],
  [[1, undefined, { a: 2 }], { port: 1, a: 2 }],
  [[1, null, { a: 2 }], { port: 1, a: 2 }],
  [['/p'], { path: '/p' }],
  [['/p', { a: 2 }], { path: '/p', a: 2 }],
  [[{ port: 1, a: 2 }], { port: 1, a: 2 }],
  [[{ port: 1 }, { a: 2 }], { port: 1, a: 2 }],
  [[{ path: '/p', port: 'none' }], { path: '/p', port: 'none' }],
];

test('connect() takes every form that Node takes', () => {
  for (const [args, options] of forms) {
    assert.deepStrictEqual(connectArguments(args),
      { options, callback: undefined });
    assert.deepStrictEqual(connectArguments([...args, callback]),
      { options, callback });
  }
});

test('an open stream needs neither port nor path', () => {
  const socket = {};
  assert.strictEqual(connectArguments([{ socket }]).options.socket, socket);
});

test("the caller's options are not written to", () => {
  const options = Object.freeze({ port: 1 });
  assert.notStrictEqual(connectArguments([options]).options, options);
});

// Where Node 20 and 26 have the same error.
const refused = [
  [], [undefined], [null], [true], [{}], [70000], [-1], [1.5], [NaN],
  [{ port: null }], [{ port: 'x' }], [{ port: '' }], [{ port: ' ' }],
  [{ port: {} }], [{ path: 1 }],
];

test('what Node refuses is refused with its code and its sentence', () => {
  for (const args of refused) {
    const theirs = caught(() => tls.connect(...args).destroy());
    const ours = caught(() => connectArguments(args));
    assert.deepStrictEqual([ours.code, ours.message, ours.constructor],
      [theirs.code, theirs.message, theirs.constructor]);
  }
});

function caught(action) {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: `${action} throws nothing` });
}

test('options of a wrong type are refused', () => {
  const wrong = { host: 1, servername: 1, checkServerIdentity: 1,
    timeout: 'x' };
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(() => connectArguments([{ port: 1, [name]: value }]),
      { code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' }, name);
  }
});

test('an address as servername is checked, and not asked for', () => {
  for (const servername of ['127.0.0.1', '::1']) {
    const { options } = connectArguments([{ port: 1, servername }]);
    const checked = checkOptions(null, options);
    assert.strictEqual(checked.servername, undefined);
    assert.strictEqual(checked.host, servername);
  }
});

test('in 2011 all but the port came in any order', () => {
  const expected = { options: { key: 'k', port: 1, host: 'h' }, callback };
  for (const rest of permutations(['h', { key: 'k' }, callback])) {
    assert.deepStrictEqual(classicConnectArguments([1, ...rest]), expected);
  }
  assert.deepStrictEqual(classicConnectArguments(['1', null, callback]),
    { options: { port: '1' }, callback });
});

function permutations(list) {
  if (list.length < 2) return [list];
  return list.flatMap((each, i) =>
    permutations(list.filter((_, other) => other !== i))
      .map((rest) => [each, ...rest]));
}

test("the classic API accepts today's forms too", () => {
  for (const args of [[{ port: 1 }], ['/p'], [{ port: 1 }, callback]]) {
    assert.deepStrictEqual(classicConnectArguments(args),
      connectArguments(args));
  }
});

test('createServer() takes options, a listener, both or none', () => {
  const options = { key: 'k' };
  const rows = [
    [[], {}, undefined], [[callback], {}, callback], [[null], {}, undefined],
    [[options], options, undefined], [[options, callback], options, callback],
    [[undefined, callback], {}, callback],
  ];
  for (const [args, given, listener] of rows) {
    assert.deepStrictEqual(serverArguments(args), { options: given, listener });
  }
});

test('createServer() refuses as Node does', () => {
  for (const args of [['s'], [1], [true], [[]], [{}, 1]]) {
    const theirs = caught(() => tls.createServer(...args));
    const ours = caught(() => serverArguments(args));
    assert.deepStrictEqual([ours.code, ours.message],
      [theirs.code, theirs.message]);
  }
});
