// SPDX-License-Identifier: MIT
// Node's documentation of 2011: its programs unchanged, and what its paragraphs
// say, with register and with the classic API.
'use strict';
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const readline = require('node:readline');
const test = require('node:test');
const { api, file } = require('./support/home');
const { LOCALHOST, makeCertificates } = require('./support/folder');

const maker = makeCertificates();
maker.signed('server', 'ca', '/CN=localhost', LOCALHOST);
maker.signed('shop', 'ca', '/CN=shop', 'subjectAltName=DNS:*.shop.test');
maker.signed('client', 'ca', '/CN=client', 'extendedKeyUsage=clientAuth');
maker.selfSigned('stranger', '/CN=localhost', LOCALHOST);
fs.copyFileSync(maker.file('server.key'), maker.file('server-key.pem'));
fs.copyFileSync(maker.file('server.pem'), maker.file('server-cert.pem'));

const ca = [maker.read('ca.pem')];
const stranger = [maker.read('stranger.pem')];
const server = maker.identity('server');
const tls = api('classic');

function once(emitter, event) {
  return new Promise((resolve) =>
    emitter.once(event, (...values) => resolve(values)));
}

// Runs a program of the documentation; `options` are node's.
function startPage(name, environment) {
  const child = spawn(process.execPath,
    ['--require', path.join(__dirname, 'docs_2011/any-port.js'),
      '--require', file('register.js'),
      path.join(__dirname, 'docs_2011', name)],
    { cwd: maker.file('.'), env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = readline.createInterface({ input: child.stdout });
  return { child, line: once(lines, 'line') };
}

// openssl s_client, of which only the output of the server is kept.
function startClient(port) {
  const child = spawn('openssl', ['s_client', '-quiet', '-verify_quiet',
    '-CAfile', maker.file('ca.pem'), '-connect', `127.0.0.1:${port}`],
  { stdio: ['pipe', 'pipe', 'ignore'] });
  return { child, lines: readline.createInterface({ input: child.stdout }) };
}

for (const name of ['classic', 'modern']) {
  test(`row 21: the echo server, character for character (${name})`,
    async () => {
      const page = startPage('echo-server.js', { TLSTREAM_REGISTER: name });
      const [output] = await page.line;
      const client = startClient(output.split(' ')[1]);
      const lines = client.lines[Symbol.asyncIterator]();
      assert.strictEqual((await lines.next()).value, 'welcome!');
      client.child.stdin.write('it answers\n');
      assert.strictEqual((await lines.next()).value, 'it answers');
      client.child.kill();
      page.child.kill();
      await once(page.child, 'close');
    });
}

async function listen(options, listener) {
  const one = tls.createServer(options, listener);
  one.listen(0);
  await once(one, 'listening');
  return one;
}

function finish(one, ...sockets) {
  for (const socket of sockets) socket.destroy();
  one.close();
}

test('rows 6, 11, 12: connect(port, host, options, callback), whose callback ' +
  'comes authorized or not', async () => {
  const one = await listen(maker.identity('stranger'));
  const { port } = one.address();
  const trusted = await new Promise((resolve) => {
    const s = tls.connect(port, 'localhost', { ca: stranger },
      () => resolve(s));
  });
  assert.strictEqual(trusted.authorized, true);
  const other = await new Promise((resolve) => {
    const s = tls.connect(port, { ca }, () => resolve(s));
  });
  assert.strictEqual(other.authorized, false);
  assert.strictEqual(other.authorizationError, 'DEPTH_ZERO_SELF_SIGNED_CERT');
  finish(one, trusted, other);
});

test('row 6: the arguments behind the port are distinguished by their types',
  async () => {
    const one = await listen(server);
    const { port } = one.address();
    const s = await new Promise((resolve) => {
      const it = tls.connect(port, () => resolve(it), { ca }, 'localhost');
    });
    assert.strictEqual(s.authorized, true);
    finish(one, s);
  });

test('rows 9, 12, 14, 23: NPN; the server orders its protocols by priority',
  async () => {
    const forms = [['b', 'a'], [Buffer.from('b'), Buffer.from('a')],
      Buffer.from('\x01b\x01a')];
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
      for (const NPNProtocols of forms) {
        const one = await listen({ ...server, NPNProtocols: ['a', 'b'] });
        const accepted = once(one, 'secureConnection');
        const s = tls.connect(one.address().port,
          { ca, NPNProtocols, maxVersion });
        await once(s, 'secureConnect');
        const [stream] = await accepted;
        assert.strictEqual(s.npnProtocol, 'a');
        assert.strictEqual(stream.npnProtocol, 'a');
        finish(one, s);
      }
    }
  });

test('row 14: NPN with openssl s_client', async () => {
  const one = await listen({ ...server, NPNProtocols: ['http/1.1', 'spdy/2'] });
  const accepted = once(one, 'secureConnection');
  const client = spawn('openssl', ['s_client', '-tls1_2', '-nextprotoneg',
    'spdy/2', '-connect', `127.0.0.1:${one.address().port}`],
  { stdio: ['pipe', 'pipe', 'ignore'] });
  const [stream] = await accepted;
  assert.strictEqual(stream.npnProtocol, 'spdy/2');
  client.kill();
  finish(one, stream);
});

test('rows 15, 24, 25, 28: SNI, with SNICallback(servername) that returns a ' +
  'context, and by addContext with a wildcard', async () => {
  const shop = maker.identity('shop');
  const { context } = tls.createCredentials(shop);
  const asked = [];
  const returning = await listen({ ...server, SNICallback(servername) {
    asked.push(servername);
    return servername === 'a.shop.test' ? context : undefined;
  } });
  const adding = await listen(server);
  adding.addContext('*.shop.test', shop);
  for (const one of [returning, adding]) {
    for (const [servername, name] of [['a.shop.test', 'shop'],
      ['localhost', 'localhost']]) {
      const accepted = once(one, 'secureConnection');
      const s = tls.connect(one.address().port, { ca, servername });
      await once(s, 'secureConnect');
      const [stream] = await accepted;
      assert.strictEqual(s.getPeerCertificate().subject.CN, name);
      assert.strictEqual(stream.servername, servername);
      s.destroy();
    }
    finish(one);
  }
  assert.deepStrictEqual(asked, ['a.shop.test', 'localhost']);
});

test('rows 22, 25: requestCert; authorized and authorizationError of a client',
  async () => {
    const one = await listen({ ...server, requestCert: true, ca });
    const wanted = { client: [true, null], stranger: [false,
      'DEPTH_ZERO_SELF_SIGNED_CERT'] };
    for (const [name, values] of Object.entries(wanted)) {
      const accepted = once(one, 'secureConnection');
      const s = tls.connect(one.address().port,
        { ca, ...maker.identity(name) });
      const [stream] = await accepted;
      assert.deepStrictEqual([stream.authorized, stream.authorizationError],
        values);
      s.destroy();
    }
    finish(one);
  });

test('rows 22: rejectUnauthorized refuses peers of unknown authorities',
  async () => {
    const one = await listen({ ...server, ca, requestCert: true,
      rejectUnauthorized: true });
    one.on('secureConnection', () => assert.fail('it came in'));
    const refused = once(one, 'tlsClientError');
    const s = tls.connect(one.address().port,
      { ca, ...maker.identity('stranger') });
    s.on('error', () => {});
    const [error] = await refused;
    assert.strictEqual(error.code, 'DEPTH_ZERO_SELF_SIGNED_CERT');
    finish(one, s);
  });

// The documentation's technique: the encrypted end is piped to and from a
// socket.
function upgrade(socket, isServer) {
  const credentials = tls.createCredentials(isServer ? server : { ca });
  const pair = tls.createSecurePair(credentials, isServer);
  pair.encrypted.pipe(socket);
  socket.pipe(pair.encrypted);
  socket.on('error', () => {}); // at the end each side just hangs up
  return pair;
}

test('rows 13, 16, 17, 18: STARTTLS with createSecurePair on both sides, ' +
  'after a conversation in plain text', async () => {
  const plain = net.createServer((socket) => {
    socket.once('data', (command) => {
      assert.strictEqual(String(command), 'STARTTLS\r\n');
      socket.write('220 ready\r\n');
      const pair = upgrade(socket, true);
      pair.on('secure', () => pair.cleartext.write('secret'));
      pair.cleartext.pipe(pair.cleartext);
    });
  });
  plain.listen(0);
  await once(plain, 'listening');
  const socket = net.connect(plain.address().port);
  socket.write('STARTTLS\r\n');
  const [reply] = await once(socket, 'data');
  assert.strictEqual(String(reply), '220 ready\r\n');
  const pair = upgrade(socket, false);
  await once(pair, 'secure');
  assert.strictEqual(pair.cleartext.authorized, true);
  const [first] = await once(pair.cleartext, 'data');
  assert.strictEqual(String(first), 'secret');
  pair.cleartext.write('back');
  const [second] = await once(pair.cleartext, 'data');
  assert.strictEqual(String(second), 'back');
  pair.destroy();
  socket.destroy();
  plain.close();
});

// In 2011 a pair had no host name to check; today that is an option.
for (const [title, options, code] of [
  ['without a name', {}, 'ERR_TLSTREAM_NO_NAME'],
  ['with a name', { servername: 'localhost' }, null],
  ['with another name', { servername: 'x.test' },
    'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['that skips the name', { insecureSkipName: true }, null],
]) {
  test(`A2: a client's pair of the modern API, ${title}`, async () => {
    const modern = api('index');
    const near = modern.createSecurePair(modern.createCredentials(server),
      true);
    const far = modern.createSecurePair(modern.createCredentials({ ca }),
      false, false, undefined, options);
    near.encrypted.pipe(far.encrypted).pipe(near.encrypted);
    const [error] = await Promise.race([once(far, 'error'),
      once(far, 'secure')]);
    assert.strictEqual(error?.code ?? null, code);
    assert.strictEqual(far.cleartext.authorized, code === null);
    near.destroy();
    far.destroy();
  });
}

test('rows 20, 26, 27, 29: the server is a net.Server', async () => {
  const one = await listen(server, (stream) => stream.resume());
  assert.ok(one instanceof net.Server);
  assert.strictEqual(one.connections, 0);
  one.maxConnections = 1;
  const s = tls.connect(one.address().port, { ca });
  await once(s, 'secureConnect');
  assert.strictEqual(one.connections, 1);
  const second = tls.connect(one.address().port, { ca });
  await once(second, 'error');
  let isClosed = false;
  one.close(() => { isClosed = true; });
  s.write('it goes on');
  s.end();
  s.resume();
  await once(one, 'close');
  assert.ok(isClosed);
});

test('row 31: getPeerCertificate()', async () => {
  const one = await listen({ ...server, requestCert: true, ca });
  const accepted = once(one, 'secureConnection');
  const s = tls.connect(one.address().port, { ca });
  await once(s, 'secureConnect');
  const certificate = s.getPeerCertificate();
  assert.strictEqual(certificate.subject.CN, 'localhost');
  assert.strictEqual(certificate.issuer.CN, 'Test Authority');
  const date = /^[A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d \d{4} GMT$/;
  assert.match(certificate.valid_from, date);
  assert.match(certificate.valid_to, date);
  assert.match(certificate.fingerprint, /^([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
  const [stream] = await accepted;
  assert.deepStrictEqual(stream.getPeerCertificate(), {});
  finish(one, s);
});
