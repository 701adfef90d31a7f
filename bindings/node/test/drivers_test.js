// SPDX-License-Identifier: MIT
// What drivers, proxies and got use of Node's tls beside its documentation. The
// differential suite has more of it.
'use strict';
const assert = require('node:assert');
const net = require('node:net');
const { PassThrough } = require('node:stream');
const test = require('node:test');
const { api, file, home } = require('./support/home');
const { LOCALHOST, makeCertificates } = require('./support/folder');
const { runNode } = require('./support/run');

const tls = api();
const maker = makeCertificates();
maker.signed('server', 'ca', '/CN=localhost', LOCALHOST);
const ca = maker.read('ca.pem');
const server = maker.identity('server');

function once(emitter, event) {
  return new Promise((resolve) => emitter.once(event, resolve));
}

async function listen(made) {
  made.listen(0, '127.0.0.1');
  await once(made, 'listening');
  return made.address().port;
}

test('a TLSSocket may belong to a server of plain connections', async () => {
  const plain = net.createServer((raw) => {
    new tls.TLSSocket(raw, { isServer: true, server: plain, ...server })
      .end('hello');
  });
  const client = tls.connect({ port: await listen(plain), host: 'localhost',
    ca });
  assert.strictEqual(String(await once(client, 'data')), 'hello');
  client.destroy();
  plain.close();
});

test('a socket made and forgotten does not end the process', async () => {
  const program = `
    const tls = require(${JSON.stringify(home)});
    const { PassThrough } = require('stream');
    new tls.TLSSocket(new PassThrough());
    const garbage = new PassThrough();
    new tls.TLSSocket(garbage, { servername: 'localhost' });
    garbage.write('this is no TLS');
    setTimeout(() => console.log('alive'), 100);`;
  for (const first of [[], ['--require', file('register.js')]]) {
    const said = await runNode([...first, '-e', program]);
    assert.deepStrictEqual(said,
      { status: 0, stdout: 'alive\n', stderr: '' });
  }
});

test("got finds Node's class of sockets over streams", () => {
  const socket = new tls.TLSSocket(new PassThrough());
  assert.strictEqual(socket._handle._parentWrap.constructor.name,
    'JSStreamSocket');
  assert.strictEqual(socket.ssl, socket._handle);
  socket.destroy();
  assert.strictEqual(socket.ssl, null);
});

test('what is not there yet has a method, and no answer', () => {
  const socket = new tls.TLSSocket(new PassThrough());
  for (const name of ['getSession', 'getTLSTicket', 'getFinished',
    'getPeerFinished', 'setSession', 'enableTrace']) {
    assert.strictEqual(socket[name](), undefined, name);
  }
  assert.strictEqual(socket.isSessionReused(), false);
  assert.strictEqual(socket.setMaxSendFragment(512), false);
  assert.deepStrictEqual(socket.getEphemeralKeyInfo(), {});
  assert.deepStrictEqual(socket.getSharedSigalgs(), []);
  assert.throws(() => socket.exportKeyingMaterial(10, 'label'),
    { code: 'ERR_TLS_INVALID_STATE' });
  socket.destroy();
  assert.strictEqual(socket.getSession(), null);
});

// As drivers of MySQL do it: they ask for the result of verification in
// 'secure'.
const DRIVER = `
const net = require('net');
const tls = require('tls');
const [ca, mode, port] = JSON.parse(process.argv[1]);
const raw = net.connect(port, '127.0.0.1');
const socket = new tls.TLSSocket(raw, { isServer: false, requestCert: true,
  secureContext: tls.createSecureContext({ ca }) });
if (mode === 'throws') {
  process.on('uncaughtException', ({ message }) => console.log(message));
  socket.on('secure', () => { throw new Error('a listener failed'); });
}
if (mode.name) socket.setServername(mode.name);
socket.on('secure', function () {
  if (mode === 'asks') console.log('verdict', this.ssl.verifyError()?.code);
});
socket.on('_tlsError', ({ code }) => console.log('error', code));
socket.on('data', (text) => {
  console.log(String(text));
  socket.destroy();
});
socket._start();
`;

test('a registered driver asks for the verdict, or is safe', async () => {
  const made = tls.createServer(server, (socket) => {
    socket.on('error', () => {});
    socket.write('hello');
  });
  const port = await listen(made);
  const drive = async (trusted, mode) => (await runNode(['--require',
    file('register.js'), '-e', DRIVER,
    JSON.stringify([trusted, mode, port])])).stdout;
  assert.strictEqual(await drive(ca, 'asks'), 'verdict undefined\nhello\n');
  assert.strictEqual(await drive(ca, ''), 'hello\n');
  assert.strictEqual(await drive(server.cert, 'asks'),
    'verdict UNABLE_TO_VERIFY_LEAF_SIGNATURE\nhello\n');
  assert.strictEqual(await drive(server.cert, ''),
    'error UNABLE_TO_VERIFY_LEAF_SIGNATURE\n');
  assert.strictEqual(await drive(server.cert, 'throws'),
    'a listener failed\nerror UNABLE_TO_VERIFY_LEAF_SIGNATURE\n');
  assert.strictEqual(await drive(ca, { name: 'localhost' }), 'hello\n');
  assert.strictEqual(await drive(ca, { name: 'another.test' }),
    'error ERR_TLS_CERT_ALTNAME_INVALID\n');
  made.close();
});
