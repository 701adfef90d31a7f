// SPDX-License-Identifier: MIT
'use strict';
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const test = require('node:test');
const nodeTls = require('node:tls');
const { file, lib } = require('./support/home');
const { LOCALHOST, makeCertificates } = require('./support/folder');
const fixed = require('./support/fixed_keys');
const { runNode } = require('./support/run');

const {
  SecureContext, contextFor, contextOf, createCredentials, createSecureContext,
  isContext, variant,
} = lib('options/context');
const { readKeyPairs } = lib('options/key_pairs');
const { readOptions } = lib('options/context_options');
const defaults = lib('options/defaults');
const native = lib('native');

const maker = makeCertificates();
maker.signed('ec', 'ca', '/CN=ec', LOCALHOST);
maker.signed('rsa', 'ca', '/CN=rsa', LOCALHOST, { rsa: true });
maker.signed('other', 'ca', '/CN=other', LOCALHOST);

const ca = maker.read('ca.pem');
const ec = maker.identity('ec');
const rsa = maker.identity('rsa');
const encrypted = maker.encrypted('secret', 'ec', 'pkcs8', '-topk8');
const { passphrase } = encrypted;
const pfx = fs.readFileSync(maker.pfx('bundle', 'ec', passphrase).file);

function bytes(text) {
  return new Uint8Array(Buffer.from(text));
}

// What both take.
const taken = {
  'nothing': undefined,
  'null': null,
  'no options': {},
  'strings': ec,
  'Buffers': { key: Buffer.from(ec.key), cert: Buffer.from(ec.cert) },
  'Uint8Arrays': { key: bytes(ec.key), cert: bytes(ec.cert) },
  'a DataView': { ...ec, key: new DataView(bytes(ec.key).buffer) },
  'arrays of one': { key: [ec.key], cert: [ec.cert] },
  'two kinds': { key: [ec.key, rsa.key], cert: [ec.cert, rsa.cert] },
  'two kinds, crossed': { key: [rsa.key, ec.key], cert: [ec.cert, rsa.cert] },
  'an encrypted key': encrypted,
  'a key with its own passphrase': { cert: ec.cert,
    key: [{ pem: encrypted.key, passphrase }], passphrase: 'wrong' },
  'a key in an object': { cert: ec.cert, key: [{ pem: ec.key }] },
  'a passphrase for a plain key': { ...ec, passphrase: 'unused' },
  'a key alone': { key: ec.key },
  'a certificate alone': { cert: ec.cert },
  'empty texts': { key: '', cert: '', ca: '' },
  'nulls': { key: null, cert: null, ca: null, pfx: null, crl: null,
    ciphers: null, minVersion: null, maxVersion: null },
  'ca as a string': { ca },
  'ca in an array': { ca: [ca, Buffer.from(ca)] },
  'several ca in one text': { ca: ca + ec.cert },
  'pfx': { pfx, passphrase },
  'pfx in an array': { pfx: [pfx], passphrase },
  'pfx with its own passphrase': { pfx: [{ buf: pfx, passphrase }] },
  'suites of TLS 1.2': { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' },
  'suites of TLS 1.3': { ciphers: 'TLS_AES_128_GCM_SHA256' },
  'suites of both': { ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE+AESGCM' },
  "Node's own list": { ciphers: nodeTls.DEFAULT_CIPHERS },
  'suites of 2011': { ciphers: 'ECDHE-RSA-AES128-SHA256:HIGH:!MD5:!aNULL' },
  'versions': { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' },
  'an old lower bound': { minVersion: 'TLSv1' },
  'a method': { secureProtocol: 'TLSv1_2_method' },
  'groups': { ecdhCurve: 'P-256:X25519' },
  'groups by default': { ecdhCurve: 'auto' },
  'signatures': { sigalgs: 'ECDSA+SHA256:rsa_pss_rsae_sha256' },
  'server order': { honorCipherOrder: true },
  'what is ignored': { dhparam: 'auto', sessionIdContext: 'x',
    sessionTimeout: 10, ticketKeys: Buffer.alloc(48) },
  'versions by bits': { secureOptions: crypto.constants.SSL_OP_NO_TLSv1 |
    crypto.constants.SSL_OP_NO_SSLv3 },
  'bits for old servers, without tickets': { secureOptions:
    crypto.constants.SSL_OP_LEGACY_SERVER_CONNECT |
    crypto.constants.SSL_OP_NO_TICKET },
  'a level of security': { ciphers: 'DEFAULT@SECLEVEL=0' },
  'a level of security by itself': { ciphers: 'HIGH:!aNULL:@SECLEVEL=1' },
  'a level of security in front': { ciphers:
    '@SECLEVEL=2:ECDHE-RSA-AES128-GCM-SHA256' },
  'a partial chain': { ca, allowPartialTrustChain: true },
};

for (const [name, options] of Object.entries(taken)) {
  test(`a context is made of ${name}`, () => {
    nodeTls.createSecureContext(options);
    const made = createSecureContext(options);
    assert.ok(made instanceof SecureContext);
    assert.ok(made.context instanceof native.Context);
  });
}

// What both refuse, and with which code.
const refused = {
  'options that are none': ['x', 'ERR_INVALID_ARG_TYPE'],
  'a number for a key': [{ key: 1 }, 'ERR_INVALID_ARG_TYPE'],
  'a number for a certificate': [{ cert: 1 }, 'ERR_INVALID_ARG_TYPE'],
  'a number for ca': [{ ca: 1 }, 'ERR_INVALID_ARG_TYPE'],
  'a number for crl': [{ crl: 1 }, 'ERR_INVALID_ARG_TYPE'],
  'a number in an array': [{ ca: [ca, 1] }, 'ERR_INVALID_ARG_TYPE'],
  'an ArrayBuffer': [{ ca: new ArrayBuffer(1) }, 'ERR_INVALID_ARG_TYPE'],
  'nested arrays': [{ ca: [[ca]] }, 'ERR_INVALID_ARG_TYPE'],
  'a passphrase that is none': [{ ...ec, passphrase: 1 },
    'ERR_INVALID_ARG_TYPE'],
  'nonsense for a key': [{ key: 'x' }, 'ERR_OSSL_UNSUPPORTED'],
  'nonsense for a certificate': [{ cert: 'x' }, 'ERR_OSSL_PEM_NO_START_LINE'],
  'a certificate for a key': [{ key: ec.cert, cert: ec.cert },
    'ERR_OSSL_UNSUPPORTED'],
  'a key for a certificate': [{ key: ec.key, cert: ec.key },
    'ERR_OSSL_PEM_NO_START_LINE'],
  'the key of another': [{ key: maker.read('other.key'), cert: ec.cert },
    'ERR_OSSL_X509_KEY_VALUES_MISMATCH'],
  'a wrong passphrase': [{ key: fixed.key, passphrase: 'x' },
    'ERR_OSSL_BAD_DECRYPT'],
  'no passphrase': [{ key: fixed.key }, 'ERR_OSSL_BAD_DECRYPT'],
  'a number for ciphers': [{ ciphers: 1 }, 'ERR_INVALID_ARG_TYPE'],
  'ciphers that are none': [{ ciphers: 'x' }, 'ERR_SSL_NO_CIPHER_MATCH'],
  'ciphers of TLS 1.3 that are none': [{ ciphers: 'TLS_X' },
    'ERR_SSL_NO_CIPHER_MATCH'],
  'a version that is none': [{ minVersion: 'x' },
    'ERR_TLS_INVALID_PROTOCOL_VERSION'],
  'a method that is none': [{ secureProtocol: 'x' },
    'ERR_TLS_INVALID_PROTOCOL_METHOD'],
  'a method and a version': [{ secureProtocol: 'TLS_method',
    minVersion: 'TLSv1.2' }, 'ERR_TLS_PROTOCOL_VERSION_CONFLICT'],
  'no signatures': [{ sigalgs: '' }, 'ERR_INVALID_ARG_VALUE'],
  'a number for signatures': [{ sigalgs: 1 }, 'ERR_INVALID_ARG_TYPE'],
  'null for groups': [{ ecdhCurve: null }, 'ERR_INVALID_ARG_TYPE'],
  'a number for dhparam': [{ dhparam: 1 }, 'ERR_INVALID_ARG_TYPE'],
  'a number for sessionIdContext': [{ sessionIdContext: 1 },
    'ERR_INVALID_ARG_TYPE'],
  'a text for sessionTimeout': [{ sessionTimeout: 'x' },
    'ERR_INVALID_ARG_TYPE'],
  'a negative sessionTimeout': [{ sessionTimeout: -1 }, 'ERR_OUT_OF_RANGE'],
  'a text for ticketKeys': [{ ticketKeys: 'x' }, 'ERR_INVALID_ARG_TYPE'],
  'short ticketKeys': [{ ticketKeys: Buffer.alloc(3) },
    'ERR_INVALID_ARG_VALUE'],
  'a text for secureOptions': [{ secureOptions: 'x' },
    'ERR_INVALID_ARG_TYPE'],
  'a key that is encrypted with DES': [{ cert: ec.cert, key: fixed.desKey,
    passphrase: fixed.passphrase }, 'ERR_OSSL_EVP_UNSUPPORTED'],
  'a PKCS #12 file that is encrypted with RC2': [{ pfx: fixed.rc2Pfx,
    passphrase: fixed.passphrase }, 'ERR_CRYPTO_UNSUPPORTED_OPERATION'],
  'a number for an engine': [{ clientCertEngine: 1 }, 'ERR_INVALID_ARG_TYPE'],
};

function caught(action) {
  try {
    action();
  } catch (error) {
    return error;
  }
  return {};
}

for (const [name, [options, code]] of Object.entries(refused)) {
  test(`a context is not made of ${name}: ${code}`, () => {
    const theirs = caught(() => nodeTls.createSecureContext(options));
    const ours = caught(() => createSecureContext(options));
    assert.deepStrictEqual([theirs.code, ours.code], [code, code]);
    assert.strictEqual(ours instanceof TypeError, theirs instanceof TypeError);
    if (theirs instanceof TypeError) {
      assert.strictEqual(ours.message, theirs.message);
    }
  });
}

// Where Node reports nothing, or reports it later.
const refusedHere = {
  'ca without a certificate': [{ ca: 'x' }, 'ERR_OSSL_PEM_NO_START_LINE'],
  'an empty list of ca': [{ ca: [] }, 'ERR_TLSTREAM_EMPTY_TRUST'],
  'versions the wrong way round': [{ minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.2' }, 'ERR_TLSTREAM_BAD_VERSIONS'],
  'an upper bound that is too low': [{ maxVersion: 'TLSv1.1' },
    'ERR_TLS_INVALID_PROTOCOL_VERSION'],
  'an engine': [{ privateKeyEngine: 'x' },
    'ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED'],
  'bits that ask for less': [{ secureOptions:
    crypto.constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION },
  'ERR_TLSTREAM_UNSUPPORTED'],
  'a level of security that is not reached': [{ ciphers:
    'DEFAULT@SECLEVEL=3' }, 'ERR_TLSTREAM_UNSUPPORTED'],
};

for (const [name, [options, code]] of Object.entries(refusedHere)) {
  test(`a context is not made of ${name}: ${code}`, () => {
    assert.throws(() => createSecureContext(options), { code });
  });
}

test('encryption that OpenSSL no longer loads is named', () => {
  const { desKey: key, passphrase, rc2Pfx: pfx } = fixed;
  assert.throws(() => createSecureContext({ cert: ec.cert, key, passphrase }),
    /encrypted with DES-CBC/);
  assert.throws(() => createSecureContext({ pfx, passphrase }),
    /^Error: Unsupported PKCS12 PFX data: .* encrypted with RC2-40-CBC/);
});

test('several keys find their certificates', () => {
  const other = maker.identity('other');
  const { identities } = readKeyPairs({ key: [other.key, rsa.key, ec.key],
    cert: [rsa.cert, ec.cert] });
  assert.strictEqual(identities.length, 2);
  for (const { key, cert } of identities) {
    const x509 = new crypto.X509Certificate(cert);
    assert.ok(x509.checkPrivateKey(crypto.createPrivateKey(key)));
  }
});

test('of two of one kind the last one counts', () => {
  const other = maker.identity('other');
  const { identities } = readKeyPairs({ key: [ec.key, other.key],
    cert: [ec.cert, other.cert] });
  assert.deepStrictEqual(identities.map(({ cert }) => String(cert)),
    [other.cert]);
});

test('only suites of TLS 1.3 mean only TLS 1.3', () => {
  const least = (ciphers, maxVersion) =>
    readOptions({ ca, ciphers, maxVersion }).minVersion;
  assert.strictEqual(least('TLS_AES_128_GCM_SHA256'), 13);
  assert.strictEqual(least('ECDHE+AESGCM'), 12);
  assert.strictEqual(least('TLS_AES_128_GCM_SHA256', 'TLSv1.2'), 12);
});

test('bits of OpenSSL narrow the versions', () => {
  const { SSL_OP_NO_TLSv1_2, SSL_OP_NO_TLSv1_3 } = crypto.constants;
  const read = (secureOptions) => readOptions({ ca, secureOptions });
  assert.strictEqual(read(SSL_OP_NO_TLSv1_2).minVersion, 13);
  assert.strictEqual(read(SSL_OP_NO_TLSv1_3).maxVersion, 12);
});

test('a suite that does not exist any more gives a warning', async () => {
  const warnings = [];
  const hear = ({ code, message }) => {
    if (code === 'TLSTREAM_UNKNOWN_CIPHER') warnings.push([code, message]);
  };
  process.on('warning', hear);
  const ciphers = 'RC4-SHA:ECDHE+AESGCM:OLD-SHA';
  createSecureContext({ ciphers });
  createSecureContext({ ciphers });
  await new Promise(setImmediate);
  process.off('warning', hear);
  assert.deepStrictEqual(warnings.map(([code]) => code),
    ['TLSTREAM_UNKNOWN_CIPHER', 'TLSTREAM_UNKNOWN_CIPHER']);
  assert.match(warnings[0][1], /"RC4-SHA"/);
  assert.match(warnings[1][1], /"OLD-SHA"/);
});

test('credentials are a context, and so is what is in them', () => {
  const credentials = createCredentials(ec);
  assert.strictEqual(contextOf(credentials), credentials);
  assert.strictEqual(contextOf(credentials.context), credentials);
  assert.ok(isContext(credentials.context));
  for (const none of [undefined, null, 1, 'x', {}, { context: {} }]) {
    assert.strictEqual(contextOf(none), null);
    assert.ok(!isContext(none));
  }
});

test('connections of one policy share one context of the engine', () => {
  const context = createSecureContext(ec);
  const alpn = Buffer.from('\x02h2');
  const policy = { alpn, requestCertificate: true };
  const one = variant(context, policy);
  assert.ok(one instanceof native.Context);
  assert.strictEqual(variant(context, { ...policy, allowUnauthorized: false }),
    one);
  assert.strictEqual(variant(context.context, { ...policy,
    alpn: Buffer.from(alpn) }), one);
  assert.notStrictEqual(variant(context, { alpn }), one);
  for (const other of [{ npn: alpn }, { allowTruncation: true },
    { skipName: true }, { allowUnauthorized: true },
    { alpn, requireAlpn: true }, { allowAlpnMismatch: true }]) {
    assert.notStrictEqual(variant(context, other), variant(context, { alpn }));
    assert.notStrictEqual(variant(context, other), context.context);
  }
  assert.strictEqual(variant(context, {}), context.context);
});

test('policies that clients choose do not fill the memory', () => {
  const context = createSecureContext(ec);
  const of = (name) => variant(context,
    { alpn: Buffer.concat([Buffer.from([name.length]), Buffer.from(name)]) });
  const first = of('first');
  for (let i = 0; i < 64; i++) of(`protocol ${i}`);
  assert.notStrictEqual(of('first'), first);
  assert.strictEqual(of('protocol 63'), of('protocol 63'));
});

test('connections that ask for nothing share the usual context', () => {
  const usual = contextFor({ port: 1, rejectUnauthorized: false });
  assert.strictEqual(contextFor({ host: 'a.test', key: null }), usual);
  assert.notStrictEqual(contextFor({ ca }), usual);
  const { DEFAULT_MAX_VERSION } = defaults;
  defaults.DEFAULT_MAX_VERSION = 'TLSv1.2';
  try {
    assert.notStrictEqual(contextFor({}), usual);
  } finally {
    defaults.DEFAULT_MAX_VERSION = DEFAULT_MAX_VERSION;
  }
});

test('a context that is given is used, and has to be one', () => {
  const context = createSecureContext(ec);
  assert.strictEqual(contextFor({ secureContext: context, ca: 1 }), context);
  assert.strictEqual(contextFor({ secureContext: context.context }), context);
  assert.throws(() => contextFor({ secureContext: {} }), (ours) => {
    const theirs = caught(() =>
      nodeTls.connect({ port: 1, secureContext: {} }));
    assert.deepStrictEqual([ours.code, ours.message],
      [theirs.code, theirs.message]);
    return true;
  });
});

function trustWith(extra) {
  const program = `const { defaultTrust } = require(${
    JSON.stringify(file('lib/options/roots'))});
    const { ca = [], addSystemRoots } = defaultTrust();
    console.log(JSON.stringify({ ca: ca.map(String), addSystemRoots }));`;
  return runNode(['-e', program],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: extra } });
}

// Node's default: every certificate of a public authority.
test('a server that asks for certificates may leave out ca', () => {
  const policy = { requestCertificate: true };
  assert.ok(variant(createSecureContext(ec), policy));
  assert.ok(variant(createSecureContext({ ...ec, ca }), policy));
  assert.throws(() => new native.Context({ requestCertificate: true }),
    { code: 'ERR_TLSTREAM_EMPTY_TRUST' });
});

test('NODE_EXTRA_CA_CERTS adds to the roots', async () => {
  maker.write('extra.pem', `some words\n${ca}\n${ec.cert}`);
  const { stdout, stderr } = await trustWith(maker.file('extra.pem'));
  assert.deepStrictEqual(JSON.parse(stdout),
    { ca: [ca.trim(), ec.cert.trim()], addSystemRoots: true });
  assert.strictEqual(stderr, '');
});

test('NODE_EXTRA_CA_CERTS that cannot be used is warned of', async () => {
  maker.write('empty.pem', 'nothing');
  maker.write('damaged.pem', ca.replace(/M/g, 'A'));
  for (const name of ['missing.pem', 'empty.pem', 'damaged.pem']) {
    const { stdout, stderr } = await trustWith(maker.file(name));
    assert.deepStrictEqual(JSON.parse(stdout),
      { ca: [], addSystemRoots: true });
    assert.match(stderr, /Ignoring extra certs from/, name);
  }
});
