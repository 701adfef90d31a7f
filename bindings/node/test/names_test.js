// SPDX-License-Identifier: MIT
// Where a client connects to, and what the certificate has to be for: names
// that are not ASCII, and addresses with a zone or in a short form.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { api } = require('./support/home');
const { makeCertificates } = require('./support/folder');

const tls = api();
const maker = makeCertificates();
maker.signed('server', 'ca', '/CN=server',
  'subjectAltName=DNS:localhost,DNS:xn--bcher-kva.test,IP:127.0.0.1,IP:::1');
const ca = maker.read('ca.pem');

function lookup(host, options, callback) {
  const found = { address: '127.0.0.1', family: 4 };
  if (options.all) return callback(null, [found]);
  return callback(null, found.address, found.family);
}

// What comes of a client: whether it is authorized or an error's code, and the
// name that it asked for.
async function meet(host, options, prepare = () => {}) {
  const server = tls.createServer(maker.identity('server'));
  const asked = new Promise((resolve) => {
    server.on('secureConnection', (socket) => resolve(socket.servername));
    server.on('tlsClientError', () => resolve(null));
  });
  await new Promise((resolve) => server.listen(0, host, resolve));
  const client = tls.connect({ port: server.address().port, ca, ...options });
  prepare(client);
  const outcome = await new Promise((resolve) => {
    client.on('secureConnect', () => resolve(client.authorized));
    client.on('error', (error) => resolve(error.code));
  });
  const name = await asked;
  client.destroy();
  server.close();
  return { outcome, name };
}

test('a name that is not ASCII is asked for and verified as its ASCII form',
  async () => {
    const rows = [{ host: 'bücher.test' }, { host: 'BÜCHER.test' },
      { host: 'localhost', servername: 'bücher.test' }];
    for (const options of rows) {
      assert.deepStrictEqual(await meet('127.0.0.1', { lookup, ...options }),
        { outcome: true, name: 'xn--bcher-kva.test' });
    }
    const other = await meet('127.0.0.1', { lookup, host: 'ä.test' });
    assert.strictEqual(other.outcome, 'ERR_TLS_CERT_ALTNAME_INVALID');
  });

test('setServername() takes such a name too', async () => {
  const { outcome, name } = await meet('127.0.0.1',
    { lookup, host: 'localhost' },
    (client) => client.setServername('bücher.test'));
  assert.deepStrictEqual({ outcome, name },
    { outcome: true, name: 'xn--bcher-kva.test' });
});

test('a zone and a short form are the address', async () => {
  const short = await meet('127.0.0.1', { host: '127.1' });
  assert.strictEqual(short.outcome, true);
  const zone = await meet('::1', { host: '::1%lo' }).catch(() => null);
  assert.ok(zone === null || zone.outcome === true, zone);
});
