// SPDX-License-Identifier: MIT
// Connections that fail have the same codes with node:tls and with tlstream,
// and with tlstream the same codes for every version of OpenSSL.
'use strict';
const assert = require('node:assert');
const net = require('node:net');
const test = require('node:test');
const nodeTls = require('node:tls');
const { api } = require('./support/home');
const { LOCALHOST, makeCertificates } = require('./support/folder');

const maker = makeCertificates();
maker.signed('server', 'ca', '/CN=localhost', LOCALHOST);
maker.signed('expired', 'ca', '/CN=localhost', LOCALHOST,
  { from: '20200101000000Z', to: '20200201000000Z' });
maker.signed('elsewhere', 'ca', '/CN=x', 'subjectAltName=DNS:x.test');
maker.selfSigned('alone', '/CN=localhost', LOCALHOST);

const ca = maker.read('ca.pem');
const server = maker.identity('server');
const only12 = { maxVersion: 'TLSv1.2' };
const only13 = { minVersion: 'TLSv1.3' };

// For each pair of a TLS server and a TLS client, the codes of their errors.
const cases = {
  'no trusted authority has signed the certificate': {
    server, client: { ca: maker.read('alone.pem') },
    code: { client: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } },
  'the certificate is self-signed': {
    server: maker.identity('alone'), client: { ca },
    code: { client: 'DEPTH_ZERO_SELF_SIGNED_CERT' } },
  'the certificate has expired': {
    server: maker.identity('expired'), client: { ca },
    code: { client: 'CERT_HAS_EXPIRED' } },
  'the certificate is for another name': {
    server: maker.identity('elsewhere'), client: { ca },
    code: { client: 'ERR_TLS_CERT_ALTNAME_INVALID' } },
  'no version in common, the server being the newer': {
    server: { ...server, ...only13 }, client: { ca, ...only12 },
    code: { client: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      server: 'ERR_SSL_UNSUPPORTED_PROTOCOL' } },
  'no version in common, the client being the newer': {
    server: { ...server, ...only12 }, client: { ca, ...only13 },
    code: { client: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      server: 'ERR_SSL_UNSUPPORTED_PROTOCOL' } },
  'no cipher suite in common': {
    server: { ...server, ...only12, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
    client: { ca, ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384', ...only12 },
    code: { client: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
      server: 'ERR_SSL_NO_SHARED_CIPHER' } },
  'no protocol in common': {
    server: { ...server, ALPNProtocols: ['a'] },
    client: { ca, ALPNProtocols: ['b'] },
    code: { client: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
      server: 'ERR_SSL_NO_APPLICATION_PROTOCOL' } },
  'the client has no certificate': {
    server: { ...server, ...only12, requestCert: true, ca }, client: { ca },
    code: { client: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
      server: 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE' } },
  'the client has no certificate, and TLS 1.3': {
    server: { ...server, requestCert: true, ca }, client: { ca },
    code: { client: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      server: 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE' } },
  'the server has no certificate': {
    server: only12, client: { ca },
    code: { client: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
      server: 'ERR_SSL_NO_SHARED_CIPHER' } },
};

function once(emitter, ...events) {
  return new Promise((resolve) => {
    for (const event of events) emitter.once(event, resolve);
  });
}

async function listen(listener) {
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return listener.address().port;
}

function codeIn(seen) {
  return seen instanceof Error ? seen.code : null;
}

async function connectBoth(tls, options) {
  const seen = {};
  const listener = tls.createServer(options.server, (socket) => {
    socket.on('error', (error) => { seen.server ??= error; }).resume();
    socket.end('hello');
  });
  listener.on('tlsClientError', (error) => { seen.server ??= error; });
  const port = await listen(listener);
  const client = tls.connect({ port, host: 'localhost', ...options.client });
  client.on('error', (error) => { seen.client ??= error; }).resume();
  await once(client, 'close');
  const closed = once(listener, 'close');
  listener.close();
  await closed;
  return { client: seen.client, server: seen.server };
}

// The error of the other side, which is not expected here, is left out.
function codes(seen, expected) {
  return Object.fromEntries(Object.keys(expected).map((side) =>
    [side, codeIn(seen[side])]));
}

const spelled = process.versions.openssl.startsWith('3.0.');

for (const [name, options] of Object.entries(cases)) {
  test(`${name}: node:tls and tlstream have the same codes`, async () => {
    const { code } = options;
    if (spelled) {
      const seen = await connectBoth(nodeTls, options);
      assert.deepStrictEqual(codes(seen, code), code);
    }
    const seen = await connectBoth(api(), options);
    assert.deepStrictEqual(codes(seen, code), code);
    for (const error of Object.values(seen)) {
      if (error) assert.match(error.tlstreamCode, /^[A-Z0-9_]+$/);
    }
  });
}

// The error of a TLS server whose client sends these bytes and nothing more.
async function serverErrorFor(tls, bytes, options) {
  const listener = tls.createServer({ ...server, ...options });
  const port = await listen(listener);
  const raw = net.connect(port, '127.0.0.1');
  raw.on('error', () => {}).resume();
  if (bytes !== null) raw[bytes === '' ? 'end' : 'write'](bytes);
  const error = await once(listener, 'tlsClientError');
  raw.destroy();
  listener.close();
  return error;
}

const inputs = [
  ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'ERR_SSL_HTTP_REQUEST'],
  ['CONNECT a:1 HTTP/1.1\r\n\r\n', 'ERR_SSL_HTTPS_PROXY_REQUEST'],
  ['EHLO a.test\r\n', 'ERR_SSL_WRONG_VERSION_NUMBER'],
  ['', 'ECONNRESET'],
];

for (const [bytes, code] of inputs) {
  test(`a client that sends ${JSON.stringify(bytes)}: ${code}`, async () => {
    if (spelled) {
      assert.strictEqual((await serverErrorFor(nodeTls, bytes)).code, code);
    }
    assert.strictEqual((await serverErrorFor(api(), bytes)).code, code);
  });
}

test('a client that sends nothing reaches the time limit', async () => {
  for (const tls of [nodeTls, api()]) {
    const error = await serverErrorFor(tls, null, { handshakeTimeout: 50 });
    assert.deepStrictEqual([error.code, error.message],
      ['ERR_TLS_HANDSHAKE_TIMEOUT', 'TLS handshake timeout']);
  }
});

// The error of a TLS client when a server does this.
async function clientErrorFor(tls, act) {
  const listener = net.createServer((raw) => {
    raw.on('error', () => {});
    raw.once('data', () => act(raw));
  });
  const port = await listen(listener);
  const client = tls.connect({ port, host: '127.0.0.1', ca });
  const error = await once(client, 'error');
  listener.close();
  return { error, port };
}

test('a server that does not speak TLS has the wrong version number',
  async () => {
    for (const tls of spelled ? [nodeTls, api()] : [api()]) {
      for (const text of ['220 a.test ESMTP\r\n', 'HTTP/1.1 400 No\r\n\r\n']) {
        const { error } = await clientErrorFor(tls, (raw) => raw.end(text));
        assert.strictEqual(error.code, 'ERR_SSL_WRONG_VERSION_NUMBER');
      }
    }
  });

test('a close in the handshake names the server by address', async () => {
  for (const tls of [nodeTls, api()]) {
    const { error, port } = await clientErrorFor(tls, (raw) => raw.end());
    assert.deepStrictEqual(
      [error.code, error.message, error.host, error.port],
      ['ECONNRESET', 'Client network socket disconnected before secure TLS ' +
        'connection was established', '127.0.0.1', port]);
  }
});

test('a server that resets the connection', async () => {
  for (const tls of [nodeTls, api()]) {
    const { error } = await clientErrorFor(tls, (raw) => raw.resetAndDestroy());
    assert.deepStrictEqual([error.code, error.syscall, error.errno],
      ['ECONNRESET', 'read', -require('os').constants.errno.ECONNRESET]);
  }
});
