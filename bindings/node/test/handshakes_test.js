// SPDX-License-Identifier: MIT
// What contexts are made of counts in a handshake: against node:tls, so that
// not both sides leave something out.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const test = require('node:test');
const nodeTls = require('node:tls');
const { api } = require('./support/home');
const { LOCALHOST, makeCertificates } = require('./support/folder');

const tls = api();
const maker = makeCertificates();
maker.signed('ec', 'ca', '/CN=ec', LOCALHOST);
maker.signed('rsa', 'ca', '/CN=rsa', LOCALHOST, { rsa: true });
maker.signed('revoked', 'ca', '/CN=revoked', LOCALHOST);

const ca = maker.read('ca.pem');
const ec = maker.identity('ec');
const rsa = maker.identity('rsa');
const revoked = maker.identity('revoked');
const both = { key: [rsa.key, ec.key], cert: [ec.cert, rsa.cert] };
const secret = maker.encrypted('secret', 'ec', 'pkcs8', '-topk8');
const pfx = maker.pfx('bundle', 'ec', secret.passphrase);
const { crl, emptyCrl } = maker.revocations();
const bundle = { pfx: fs.readFileSync(pfx.file), passphrase: pfx.passphrase };

const callbackContext = tls.createSecureContext(rsa);

function once(emitter, event) {
  return new Promise((resolve) => emitter.once(event, resolve));
}

async function listen(module, options) {
  const server = module.createServer(options, (socket) => {
    socket.on('error', () => {}); // the client hangs up when it knows enough
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

// What a client of `clients` learns of a server of `servers`: the common name,
// and what was agreed on; or the code of its error.
async function meet(servers, serverOptions, clients, clientOptions) {
  const server = await listen(servers, serverOptions);
  const client = clients.connect({ port: server.address().port, ca,
    host: 'localhost', ...clientOptions });
  const error = await new Promise((resolve) => {
    client.on('error', resolve).once('secureConnect', () => resolve(null));
  });
  const learned = error ? { code: error.code } : {
    name: client.getPeerCertificate().subject.CN,
    version: client.getProtocol(),
    suite: client.getCipher().name,
    protocol: client.alpnProtocol,
  };
  client.destroy();
  server.close();
  return learned;
}

async function served(options, clientOptions) {
  const learned = await meet(tls, options, nodeTls, clientOptions);
  return learned.name || learned.code;
}

test('every form of an identity is what is served', async () => {
  const forms = [ec, secret, bundle, { pfx: [{ buf: bundle.pfx,
    passphrase: bundle.passphrase }] }, { cert: ec.cert,
    key: [{ pem: secret.key, passphrase: secret.passphrase }] }];
  for (const form of forms) assert.strictEqual(await served(form), 'ec');
});

test('of two kinds each client gets the one that it takes', async () => {
  const only12 = { maxVersion: 'TLSv1.2' };
  assert.strictEqual(await served(both,
    { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256', ...only12 }), 'rsa');
  assert.strictEqual(await served(both,
    { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', ...only12 }), 'ec');
});

test('versions and suites are those of the options', async () => {
  const rows = [
    [{ maxVersion: 'TLSv1.2' }, { version: 'TLSv1.2' }],
    [{ secureProtocol: 'TLSv1_2_method' }, { version: 'TLSv1.2' }],
    [{ minVersion: 'TLSv1.3' }, { version: 'TLSv1.3' }],
    [{ ciphers: 'TLS_AES_128_GCM_SHA256' },
      { version: 'TLSv1.3', suite: 'TLS_AES_128_GCM_SHA256' }],
    [{ ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384', maxVersion: 'TLSv1.2' },
      { suite: 'ECDHE-ECDSA-AES256-GCM-SHA384' }],
  ];
  for (const [options, expected] of rows) {
    const asServer = await meet(tls, { ...ec, ...options }, nodeTls, {});
    const asClient = await meet(nodeTls, ec, tls, options);
    for (const [what, value] of Object.entries(expected)) {
      assert.strictEqual(asServer[what], value);
      assert.strictEqual(asClient[what], value);
    }
  }
});

test('groups and signatures that the other side lacks leave nothing',
  async () => {
    const groups = await meet(tls, { ...ec, ecdhCurve: 'P-384' }, nodeTls,
      { ecdhCurve: 'P-521' });
    assert.match(groups.code, /HANDSHAKE_FAILURE|SSL\/TLS_ALERT/);
    const signatures = await meet(tls, { ...rsa,
      sigalgs: 'rsa_pss_rsae_sha256' }, nodeTls,
    { sigalgs: 'rsa_pss_rsae_sha512' });
    assert.match(signatures.code, /HANDSHAKE_FAILURE|SSL\/TLS_ALERT/);
    assert.strictEqual((await meet(tls, { ...ec, ecdhCurve: 'P-384' }, nodeTls,
      { ecdhCurve: 'P-521:P-384' })).name, 'ec');
  });

test('a revoked certificate is refused', async () => {
  const look = (server, lists) => meet(nodeTls, server, tls, { crl: lists });
  assert.strictEqual((await look(revoked, crl)).code, 'CERT_REVOKED');
  assert.strictEqual((await look(ec, [crl])).name, 'ec');
  assert.strictEqual((await look(revoked, emptyCrl)).name, 'revoked');
});

test('protocols are agreed on by the order of the server', async () => {
  const { protocol } = await meet(tls, { ...ec, ALPNProtocols: ['b', 'a'] },
    nodeTls, { ALPNProtocols: ['a', 'b'] });
  assert.strictEqual(protocol, 'b');
  const asClient = await meet(nodeTls, { ...ec, ALPNProtocols: ['b'] }, tls,
    { ALPNProtocols: Buffer.from('\x01a\x01b') });
  assert.strictEqual(asClient.protocol, 'b');
});

test('an intermediate ends the chain only when that is allowed', async () => {
  const leafAsRoot = { ca: ec.cert };
  assert.strictEqual((await meet(nodeTls, ec, tls, leafAsRoot)).code,
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  assert.strictEqual((await meet(nodeTls, ec, tls,
    { ...leafAsRoot, allowPartialTrustChain: true })).name, 'ec');
});

test('roots that replace the default count', async (t) => {
  if (!nodeTls.setDefaultCACertificates) {
    t.skip('this Node does not let programs replace them');
    return;
  }
  tls.setDefaultCACertificates([ca]);
  assert.strictEqual(
    (await meet(nodeTls, ec, tls, { ca: undefined })).name, 'ec');
});

// The ticket of a first connection, and whether a second one goes on with it.
async function resumes(server, servername) {
  const options = { port: server.address().port, host: '127.0.0.1', servername,
    ca, maxVersion: 'TLSv1.2' };
  const first = nodeTls.connect(options);
  await once(first, 'secureConnect');
  const session = first.getSession();
  first.end();
  await once(first.resume(), 'close');
  const second = nodeTls.connect({ ...options, session });
  await once(second, 'secureConnect');
  const isReused = second.isSessionReused();
  second.destroy();
  return isReused;
}

for (const [title, prepare] of [
  ['its own context', () => ({})],
  ['a context by name', () => ({ name: 'localhost' })],
  ['a context from SNICallback', () => ({
    SNICallback: (name, answer) => answer(null, callbackContext) })],
]) {
  test(`sessions of ${title} are resumed, so it is not made anew for each ` +
    'connection', async () => {
    const { name, ...options } = prepare();
    const server = await listen(tls, { ...ec, ...options });
    server.on('secureConnection', (socket) => socket.write('hello'));
    if (name) server.addContext(name, rsa);
    assert.strictEqual(await resumes(server, 'localhost'), true);
    server.close();
  });
}
