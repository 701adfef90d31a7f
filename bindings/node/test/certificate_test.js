// SPDX-License-Identifier: MIT
'use strict';
const assert = require('node:assert');
const crypto = require('node:crypto');
const test = require('node:test');
const nodeTls = require('node:tls');
const { api, lib } = require('./support/home');
const { AUTHORITY, LOCALHOST, makeCertificates } =
  require('./support/folder');

const { fromJson } = lib('socket/certificate');
const tls = api();

const RICH = 'subjectAltName=DNS:localhost,DNS:*.rich.test,IP:127.0.0.1,' +
  'IP:2001:db8::1,email:me@rich.test,URI:https://rich.test/?a=b\n' +
  'extendedKeyUsage=serverAuth,clientAuth,1.2.3.4\n' +
  'authorityInfoAccess=OCSP;URI:http://ocsp.test/,' +
  'caIssuers;URI:http://ca.test/1,caIssuers;URI:http://ca.test/2';

const maker = makeCertificates();
maker.signed('middle', 'ca', '/CN=Middle', AUTHORITY);
maker.signed('ec', 'ca', '/CN=ec', LOCALHOST);
maker.signed('rsa', 'ca', '/CN=rsa', LOCALHOST, { rsa: true });
maker.signed('chained', 'middle', '/CN=chained', LOCALHOST);
maker.signed('rich', 'ca', '/C=DE/O=Rich & Sons/OU=One/OU=Two/CN=rich', RICH);
maker.signed('nameless', 'ca', '/O=Nobody', 'keyUsage=digitalSignature');
maker.selfSigned('alone', '/CN=alone', LOCALHOST);
maker.selfSigned('root', '/CN=root', `${LOCALHOST}\n${AUTHORITY}`);

const ca = maker.read('ca.pem');
const middle = maker.read('middle.pem');

// Keys that the openssl command does not make for Maker.
function withKey(name, ...options) {
  maker.openssl('genpkey', ...options, '-out', `${name}.key`);
  maker.openssl('req', '-x509', '-new', '-key', `${name}.key`, '-out',
    `${name}.pem`, '-subj', `/CN=${name}`, '-days', '30');
  return maker.identity(name);
}

function identity(name, chain = '') {
  const { key, cert } = maker.identity(name);
  return { key, cert: cert + chain };
}

const shown = {
  'a key on P-256': identity('ec'),
  'a key of RSA': identity('rsa'),
  'every kind of name': identity('rich'),
  'no common name': identity('nameless'),
  'its chain': identity('chained', middle),
  'its chain and the root': identity('chained', middle + ca),
  'no chain, though there is one': identity('chained'),
  'its own signature': identity('alone'),
  'its own signature, as an authority': identity('root'),
  'a key on P-384': withKey('p384', '-algorithm', 'EC', '-pkeyopt',
    'ec_paramgen_curve:P-384'),
  'a key of Ed25519': withKey('ed25519', '-algorithm', 'ED25519'),
};

function once(emitter, event) {
  return new Promise((resolve) => emitter.once(event, resolve));
}

// What the client sees of the server's certificate, and the server of its own.
async function look(module, options) {
  const server = module.createServer(options);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const arrival = once(server, 'secureConnection');
  const client = module.connect({ port: server.address().port, ca,
    host: '127.0.0.1', rejectUnauthorized: false });
  await once(client, 'secureConnect');
  const socket = await arrival;
  const seen = {
    peer: client.getPeerCertificate(),
    detailed: client.getPeerCertificate(true),
    own: socket.getCertificate(),
    none: socket.getPeerCertificate(),
    x509: client.getPeerX509Certificate().fingerprint256,
  };
  socket.destroy();
  client.destroy();
  server.close();
  return seen;
}

// Node 26 has `undefined` for what a certificate does not have; older ones, and
// we, leave it out.
function withoutHoles(value, seen = new Map()) {
  if (!value || typeof value !== 'object' || Buffer.isBuffer(value)) {
    return value;
  }
  if (seen.has(value)) return seen.get(value);
  const copy = Array.isArray(value) ? []
    : Object.create(Object.getPrototypeOf(value));
  seen.set(value, copy);
  for (const [name, each] of Object.entries(value)) {
    if (each !== undefined) copy[name] = withoutHoles(each, seen);
  }
  return copy;
}

function isCircle(certificate) {
  const seen = new Set();
  let at = certificate;
  while (at && !seen.has(at)) {
    seen.add(at);
    at = at.issuerCertificate;
  }
  return Boolean(at);
}

for (const [name, options] of Object.entries(shown)) {
  test(`a certificate with ${name} is Node's object`, async () => {
    const theirs = withoutHoles(await look(nodeTls, options));
    const ours = await look(tls, options);
    for (const what of ['peer', 'none', 'x509', 'own']) {
      assert.deepStrictEqual(ours[what], theirs[what], what);
    }
    assert.deepStrictEqual(ours.detailed, theirs.detailed);
    assert.ok(ours.peer.raw.equals(ours.detailed.raw));
    assert.strictEqual(isCircle(ours.detailed), isCircle(theirs.detailed));
  });
}

test('without a certificate there is an empty object', () => {
  assert.deepStrictEqual(fromJson(null, true), {});
  assert.deepStrictEqual(fromJson(undefined, false), {});
});

test('names that mean something to JavaScript are names', () => {
  const json = '{"subject":{"__proto__":"a","constructor":"b"},' +
    '"issuer":{},"raw":"AA=="}';
  const { subject } = fromJson(json, true);
  assert.strictEqual(Object.getPrototypeOf(subject), null);
  assert.deepStrictEqual(Object.keys(subject), ['__proto__', 'constructor']);
  assert.strictEqual(subject.constructor, 'b');
});

test('a chain ends where the issuer is unknown', () => {
  const link = (cert, next) => ({ subject: {}, issuer: {},
    raw: new crypto.X509Certificate(cert).raw.toString('base64'),
    issuerCertificate: next });
  const leaf = maker.read('chained.pem');
  const open = fromJson(JSON.stringify(link(leaf, link(middle))), true);
  assert.ok(!('issuerCertificate' in open.issuerCertificate));
  const closed = fromJson(
    JSON.stringify(link(leaf, link(middle, link(ca)))), true);
  const root = closed.issuerCertificate.issuerCertificate;
  assert.strictEqual(root.issuerCertificate, root);
});
