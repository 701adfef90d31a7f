// SPDX-License-Identifier: MIT
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const readline = require('node:readline');
const test = require('node:test');
const nodeTls = require('node:tls');
const { api, file } = require('./support/home');
const { LOCALHOST, makeCertificates } = require('./support/folder');
const { runNode } = require('./support/run');

const modern = api();
const classic = api('classic');

const maker = makeCertificates();
maker.signed('server', 'ca', '/CN=localhost', LOCALHOST);
const ca = maker.read('ca.pem');
const server = maker.identity('server');

test("each API has everything that Node's tls has", () => {
  for (const name of Object.keys(nodeTls)) {
    assert.strictEqual(typeof modern[name], typeof nodeTls[name], name);
  }
  const then = ['connect', 'createServer', 'Server', 'createSecurePair',
    'createCredentials', 'CleartextStream'];
  for (const each of [modern, classic]) {
    for (const name of then) assert.strictEqual(typeof each[name], 'function');
  }
});

test("pure functions and constants are Node's", () => {
  const { checkServerIdentity, getCiphers } = nodeTls;
  for (const each of [modern, classic]) {
    assert.strictEqual(each.checkServerIdentity, checkServerIdentity);
    assert.strictEqual(each.getCiphers, getCiphers);
    assert.strictEqual(each.rootCertificates, nodeTls.rootCertificates);
    assert.strictEqual(each.DEFAULT_CIPHERS, nodeTls.DEFAULT_CIPHERS);
    assert.strictEqual(each.CLIENT_RENEG_LIMIT, 3);
  }
});

test('a default that a program assigns holds for every API', () => {
  const { DEFAULT_MIN_VERSION } = modern;
  classic.DEFAULT_MIN_VERSION = 'nonsense';
  try {
    assert.strictEqual(modern.DEFAULT_MIN_VERSION, 'nonsense');
    assert.throws(() => modern.createSecureContext({ ca }),
      { code: 'ERR_TLS_INVALID_PROTOCOL_VERSION' });
  } finally {
    modern.DEFAULT_MIN_VERSION = DEFAULT_MIN_VERSION;
  }
});

test('classes are classes, with new and without', () => {
  for (const each of [modern, classic]) {
    const { Server, createServer } = each;
    for (const made of [new Server(), Server(), createServer()]) {
      assert.ok(made instanceof each.Server);
      assert.ok(made instanceof net.Server);
    }
    class Mine extends each.Server {}
    assert.ok(new Mine(server) instanceof Mine);
    assert.strictEqual(each.CleartextStream, each.TLSSocket);
    assert.ok(Object.create(each.TLSSocket.prototype) instanceof net.Socket);
  }
});

test('convertALPNProtocols() fills in what http2 expects', () => {
  for (const list of [['h2', 'a'], Buffer.from('\x01a'), []]) {
    const ours = {};
    const theirs = {};
    modern.convertALPNProtocols(list, ours);
    nodeTls.convertALPNProtocols(list, theirs);
    assert.deepStrictEqual(ours, theirs);
  }
});

test('the default authorities can be replaced, where Node knows that', (t) => {
  if (!nodeTls.setDefaultCACertificates) {
    t.skip('this Node does not');
    return;
  }
  assert.ok(modern.getCACertificates().length > 0);
  for (const wrong of ['x', null]) {
    assert.throws(() => modern.setDefaultCACertificates(wrong),
      { code: 'ERR_INVALID_ARG_TYPE' });
  }
  assert.throws(() => modern.setDefaultCACertificates(['x']));
  modern.setDefaultCACertificates([ca, Buffer.from(ca)]);
  assert.deepStrictEqual(modern.getCACertificates('default'), [ca.trim()]);
  assert.throws(() => modern.getCACertificates('nonsense'),
    { code: 'ERR_INVALID_ARG_VALUE' });
});

function once(emitter, event) {
  return new Promise((resolve) => emitter.once(event, resolve));
}

async function listen(each, options, listener) {
  const made = each.createServer(options, listener);
  made.on('tlsClientError', () => {});
  made.listen(0, '127.0.0.1');
  await once(made, 'listening');
  return made;
}

// As jest does for each file of tests.
test('modules that are loaded twice know each other', () => {
  const isOurs = (name) => name.startsWith(fs.realpathSync(file('lib')));
  for (const name of Object.keys(require.cache)) {
    if (isOurs(fs.realpathSync(name))) delete require.cache[name];
  }
  delete require.cache[require.resolve(file('index.js'))];
  const again = api();
  assert.notStrictEqual(again, modern);
  const context = modern.createSecureContext(server);
  for (const secureContext of [context, context.context]) {
    const socket = new again.TLSSocket(undefined,
      { isServer: true, secureContext });
    socket.destroy();
    again.createServer(server).addContext('a.test', secureContext);
  }
});

test('the modern API refuses an unauthorized server', async () => {
  const listener = await listen(modern, server);
  const client = modern.connect(listener.address().port, 'localhost',
    { ca: server.cert });
  const error = await once(client, 'error');
  assert.strictEqual(error.code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  assert.strictEqual(client.authorized, false);
  listener.close();
});

test('the classic API accepts an unauthorized server', async () => {
  const listener = await listen(classic, server, (socket) => socket.end('x'));
  const client = await new Promise((resolve) => {
    const made = classic.connect(listener.address().port, () => resolve(made),
      { ca: server.cert }, 'localhost');
  });
  assert.strictEqual(client.authorized, false);
  assert.strictEqual(client.authorizationError,
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  client.resume();
  await once(client, 'close');
  listener.close();
});

test('the classic API refuses an unauthorized server if asked', async () => {
  const listener = await listen(classic, server);
  const client = classic.connect(listener.address().port,
    { ca: server.cert, rejectUnauthorized: true });
  const error = await once(client, 'error');
  assert.strictEqual(error.code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  listener.close();
});

// The output of a program in which an API is registered.
async function registered(args, options = {}) {
  const env = { ...process.env, ...options.env };
  const output = await runNode(['--require', file('register.js'), ...args],
    { ...options, env });
  return output.stdout.trim() || output.stderr;
}

test('programs require and import the registered API', async () => {
  maker.write('look.mjs', `
    import tls, { connect, CleartextStream } from 'tls';
    import * as all from 'node:tls';
    import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    const late = await import('tls');
    const { getBuiltinModule = () => tls } = process;
    console.log([tls, all.default, late.default, require('tls'),
      require('node:tls'), getBuiltinModule('tls')].every((each) =>
      each === tls && each.connect === connect &&
      each.CleartextStream === CleartextStream));`);
  const program = maker.file('look.mjs');
  assert.strictEqual(await registered([program]), 'true');
  assert.strictEqual(await registered([program],
    { env: { TLSTREAM_REGISTER: 'classic' } }), 'true');
  const { stdout } = await runNode(['--import', file('register.js'), program]);
  assert.strictEqual(stdout.trim(), 'true');
});

const isOurs = 'typeof require("tls").CleartextStream';

test('what is registered first stays', async () => {
  const program = `const tls = require('tls');
    const { install } = require(${JSON.stringify(file('lib/api/register.js'))});
    console.log(install({}) === tls && require('tls') === tls && ${isOurs})`;
  assert.strictEqual(await registered(
    ['--require', file('register.js'), '-e', program]), 'function');
});

test('an API is registered in worker threads too', async () => {
  const program = `const { Worker } = require('worker_threads');
    new Worker('console.log(${isOurs})', { eval: true });`;
  assert.strictEqual(await registered(['-e', program]), 'function');
});

test('crypto.createCredentials() is back', async () => {
  const program = `const { context } = require('crypto').createCredentials();
    console.log(typeof context)`;
  assert.strictEqual(await registered(['-e', program]), 'object');
});

test("Node's own modules keep Node's own tls", async () => {
  const program = `const https = require('https');
    console.log(https.Server.prototype instanceof require('tls').Server)`;
  assert.strictEqual(await registered(['-e', program]), 'false');
});

test('an unknown API is an error', async () => {
  const output = await registered(['-e', ''],
    { env: { TLSTREAM_REGISTER: 'side' } });
  assert.match(output, /TLSTREAM_REGISTER is "side".*classic and modern/);
});

// The program of Node's documentation, to the letter.
const PAGE = `var tls = require('tls');
var fs = require('fs');
var options = {
  key: fs.readFileSync('server-key.pem'),
  cert: fs.readFileSync('server-cert.pem')
};
tls.createServer(options, function (s) {
  s.write("welcome!\\n");
  s.pipe(s);
}).listen(8000);
`;

async function serve(program) {
  const child = spawn(process.execPath, ['--require',
    path.join(__dirname, 'support/any_port.js'), '--require',
    file('register.js'), program], { cwd: maker.folder,
    env: { ...process.env, TLSTREAM_REGISTER: 'classic' },
    stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await once(readline.createInterface(child.stdout), 'line');
  return { child, port: Number(line.replace('port ', '')) };
}

async function* linesOf(child) {
  yield* readline.createInterface(child.stdout);
}

test("Node's echo server of 2011 talks to openssl s_client", async () => {
  fs.copyFileSync(maker.file('server.key'), maker.file('server-key.pem'));
  fs.copyFileSync(maker.file('server.pem'), maker.file('server-cert.pem'));
  maker.write('echo.js', PAGE);
  const { child, port } = await serve(maker.file('echo.js'));
  const client = spawn('openssl',
    ['s_client', '-connect', `127.0.0.1:${port}`, '-quiet'],
    { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    const lines = linesOf(client);
    assert.strictEqual((await lines.next()).value, 'welcome!');
    client.stdin.write('ciao\n');
    assert.strictEqual((await lines.next()).value, 'ciao');
  } finally {
    for (const each of [client, child]) {
      each.kill();
      await once(each, 'close');
    }
  }
});
