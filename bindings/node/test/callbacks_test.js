// SPDX-License-Identifier: MIT
// L1: a callback that throws, or answers nonsense, ends its connection with an
// error and leaves the process, and the server, alive.
'use strict';
const assert = require('node:assert');
const net = require('node:net');
const { Duplex } = require('node:stream');
const test = require('node:test');
const { api } = require('./support/home');
const { LOCALHOST, makeCertificates } = require('./support/folder');

const tls = api();
const maker = makeCertificates();
maker.signed('server', 'ca', '/CN=localhost', LOCALHOST);
const ca = maker.read('ca.pem');
const server = maker.identity('server');
const ALPNProtocols = ['a'];

function once(emitter, event) {
  return new Promise((resolve) =>
    emitter.once(event, (...values) => resolve(values)));
}

function throwing(value) {
  return () => { throw value; };
}

const thrown = Object.assign(new Error('from a callback'), { code: 'MINE' });

// It cannot be made text, and throws when it is looked at.
const textless = Object.create(null);
const trap = { get code() { throw thrown; } };

// What a server's callbacks do wrong, and the code that tlsClientError has.
const wrongs = {
  'SNICallback throws': [{ SNICallback: throwing(thrown) }, 'MINE'],
  'SNICallback throws what is no error':
    [{ SNICallback: throwing('text') }, undefined],
  'SNICallback throws what has no text':
    [{ SNICallback: throwing(textless) }, undefined],
  'SNICallback throws nothing':
    [{ SNICallback: throwing(undefined) }, undefined],
  'SNICallback answers with an error':
    [{ SNICallback: (name, answer) => answer(thrown) }, 'MINE'],
  'SNICallback answers with one later':
    [{ SNICallback: (name, answer) => setImmediate(answer, thrown) }, 'MINE'],
  'SNICallback answers with no context':
    [{ SNICallback: (name, answer) => answer(null, { context: 1 }) },
      'ERR_TLS_INVALID_CONTEXT'],
  'SNICallback answers with a context without a certificate':
    [{ SNICallback: (name, answer) => answer(null, tls.createSecureContext()) },
      'ERR_TLSTREAM_NO_CERTIFICATE'],
  'ALPNCallback throws': [{ ALPNCallback: throwing(thrown) }, 'MINE'],
  'ALPNCallback invents a protocol':
    [{ ALPNCallback: () => 'b' }, 'ERR_TLS_ALPN_CALLBACK_INVALID_RESULT'],
  'ALPNCallback returns an object':
    [{ ALPNCallback: () => ({}) }, 'ERR_TLS_ALPN_CALLBACK_INVALID_RESULT'],
  'ALPNCallback wants none':
    [{ ALPNCallback: () => undefined }, 'ERR_SSL_NO_APPLICATION_PROTOCOL'],
};

async function listen(options) {
  const one = tls.createServer({ ...server, ...options });
  one.listen(0, '127.0.0.1');
  await once(one, 'listening');
  return one;
}

function connect(one, options) {
  return tls.connect({ port: one.address().port, host: '127.0.0.1',
    servername: 'localhost', ca, ALPNProtocols, ...options });
}

for (const [title, [options, code]] of Object.entries(wrongs)) {
  test(`L1: ${title}`, async () => {
    const one = await listen(options);
    one.on('secureConnection', () => assert.fail('it came in'));
    const failed = once(one, 'tlsClientError');
    const client = connect(one);
    const refused = once(client, 'error');
    const [error] = await failed;
    assert.ok(error instanceof Error);
    assert.strictEqual(error.code, code);
    const [refusal] = await refused;
    assert.match(refusal.code, /^ERR_SSL_TLSV1_(ALERT_|UNRECOGNIZED)/);
    await once(client, 'close');
    one.close();
    await once(one, 'close');
  });
}

test('L1: SNICallback answers twice', async () => {
  const one = await listen({ SNICallback(name, answer) {
    answer(null, undefined);
    answer(null, undefined);
  } });
  const failed = once(one, 'tlsClientError');
  const client = connect(one, { ALPNProtocols: undefined });
  client.on('error', () => {});
  const [error] = await failed;
  assert.strictEqual(error.code, 'ERR_MULTIPLE_CALLBACK');
  one.close();
  await once(one, 'close');
});

test('L1: SNICallback answers when the client left long ago', async () => {
  let answer;
  const asked = new Promise((resolve) => {
    answer = (name, callback) => resolve(callback);
  });
  const one = await listen({ SNICallback: (...values) => answer(...values) });
  one.on('tlsClientError', () => {});
  const client = connect(one);
  const callback = await asked;
  client.destroy();
  one.close();
  await once(one, 'close');
  callback(null, tls.createSecureContext(server));
  callback(new Error('too late'));
});

for (const [title, check, code] of [
  ['throws', throwing(thrown), 'MINE'],
  ['returns an error', () => thrown, 'MINE'],
  ['throws text', throwing('text'), undefined],
  ['throws what has no text', throwing(textless), undefined],
  ['returns what throws when it is looked at', () => trap, 'MINE'],
]) {
  test(`L1: checkServerIdentity ${title}`, async () => {
    const one = await listen();
    one.on('secureConnection', (socket) => socket.on('error', () => {}));
    const client = connect(one, { checkServerIdentity: check,
      ALPNProtocols: undefined });
    client.on('secureConnect', () => assert.fail('it was believed'));
    client.on('data', () => assert.fail('data before authorization'));
    const [error] = await once(client, 'error');
    assert.strictEqual(error.code, code);
    assert.strictEqual(client.authorized, false);
    const [hadError] = await once(client, 'close');
    assert.strictEqual(hadError, true);
    one.close();
    await once(one, 'close');
  });
}

test('L1: what a listener throws is an uncaught exception like any other, ' +
  'and the connection goes on', async () => {
  const caught = [];
  const catcher = (error) => caught.push(error);
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', catcher);
  const one = await listen();
  one.on('secureConnection', (socket) => {
    socket.pipe(socket);
    throw thrown;
  });
  const client = connect(one, { ALPNProtocols: undefined });
  client.end('and back');
  const texts = [];
  client.on('data', (text) => {
    texts.push(String(text));
    throw thrown;
  });
  await once(client, 'close');
  one.close();
  await once(one, 'close');
  process.removeListener('uncaughtException', catcher);
  for (const each of before) process.on('uncaughtException', each);
  assert.deepStrictEqual(caught, [thrown, thrown]);
  assert.deepStrictEqual(texts, ['and back']);
});

// What a client does that is killed: no close_notify, a FIN.
async function cut(one, sent) {
  const raw = net.connect(one.address().port, '127.0.0.1');
  const client = tls.connect({ socket: new PassOn(raw), ca,
    servername: 'localhost' });
  client.on('error', () => {});
  await once(client, 'secureConnect');
  if (sent) client.write(sent, () => raw.end());
  else raw.end();
}

// So that the engine does not have the socket itself.
class PassOn extends Duplex {
  constructor(raw) {
    super();
    this.raw = raw;
    raw.on('data', (bytes) => this.push(bytes));
    raw.on('end', () => this.push(null));
  }

  _read() {}

  _write(bytes, encoding, callback) { this.raw.write(bytes, callback); }
}

test('G1: a connection that is cut in the middle ends no process', async () => {
  const one = await listen();
  const arrived = once(one, 'secureConnection');
  one.on('secureConnection', (socket) => socket.resume());
  const [, [socket]] = await Promise.all([cut(one, 'half of it'), arrived]);
  socket.on('end', () => assert.fail('it looked like an end'));
  const [hadError] = await once(socket, 'close');
  assert.strictEqual(hadError, true);
  assert.strictEqual(socket.errored.code, 'ERR_TLSTREAM_TRUNCATED');
  assert.strictEqual(socket.truncated, true);
  one.close();
  await once(one, 'close');
});

test('G1: and a listener of any name hears of it', async () => {
  const one = await listen();
  const heard = new Promise((resolve) => {
    one.on('secureConnection', (socket) => {
      function onerror(error) { resolve(error); }
      socket.resume().on('error', onerror);
    });
  });
  await cut(one, 'half of it');
  assert.strictEqual((await heard).code, 'ERR_TLSTREAM_TRUNCATED');
  one.close();
  await once(one, 'close');
});

for (const [title, sent, options] of [
  ['nothing has arrived', undefined, {}],
  ['the program wants it', 'half of it', { insecureAllowTruncation: true }],
]) {
  test(`G1: a cut connection ends if ${title}`, async () => {
    const one = await listen(options);
    const arrived = once(one, 'secureConnection');
    one.on('secureConnection', (socket) => socket.resume());
    const [, [socket]] = await Promise.all([cut(one, sent), arrived]);
    const ended = once(socket, 'end');
    const [hadError] = await once(socket, 'close');
    await ended;
    assert.strictEqual(hadError, false);
    assert.strictEqual(socket.truncated, true);
    one.close();
    await once(one, 'close');
  });
}

test('G2: after destroySoon() the peer gets all, whatever it has sent',
  async () => {
    const one = await listen();
    one.on('secureConnection', (socket) => {
      socket.once('readable', () => {
        socket.write(Buffer.alloc(1500000));
        socket.destroySoon();
      });
    });
    const client = connect(one, { ALPNProtocols: undefined });
    client.write(Buffer.alloc(200000));
    let count = 0;
    for await (const each of client) count += each.length;
    assert.strictEqual(count, 1500000);
    one.close();
    await once(one, 'close');
  });

test('H4: plain text that could not leave is the error of the stream above',
  async () => {
    const plain = net.createServer();
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const accepted = once(plain, 'connection');
    const raw = net.connect(plain.address().port, '127.0.0.1');
    const [[peer]] = await Promise.all([accepted, once(raw, 'connect')]);
    peer.pause();
    raw.write(Buffer.alloc(20 * 1024 * 1024));
    const client = tls.connect({ socket: raw, ca, servername: 'localhost' });
    const failed = once(client, 'error');
    peer.resetAndDestroy();
    const [error] = await failed;
    assert.match(error.code, /^(ECONNRESET|EPIPE)$/);
    await once(client, 'close');
    plain.close();
    await once(plain, 'close');
  });
