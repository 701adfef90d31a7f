// SPDX-License-Identifier: MIT
'use strict';

const vm = require('node:vm');
const { tls, log, certs, run, listen, connect, once } = require('../program');
const { collect } = require('../parts');

// Test runners such as jest run programs in a context of node:vm.
const there = vm.runInNewContext(
  '({ Uint8Array, DataView, Error, Array, Object })');
const bytes = (text) => there.Uint8Array.from(Buffer.from(text));
const FORMS = {
  'Uint8Array': bytes,
  'DataView': (text) => new there.DataView(bytes(text).buffer),
  'list': (text) => there.Array.of(bytes(text)),
};

function optionsOf(form) {
  const options = new there.Object();
  return Object.assign(options, { key: form(certs.ec.key),
    cert: form(certs.ec.cert), ca: form(certs.ca), requestCert: true });
}

// The bytes that come into a buffer of the other realm.
function intoBuffer(port, options) {
  return new Promise((done) => {
    const client = connect(port, { ...options, onread: {
      buffer: bytes('x'.repeat(100)),
      callback(length, buffer) {
        done(Buffer.from(buffer).toString('latin1', 0, length));
        return true;
      },
    } });
    client.write(bytes('hello'));
  });
}

async function refuse(serverOptions, clientOptions) {
  const server = tls.createServer({ ...certs.ec, ...serverOptions });
  const seen = collect(server, 'tlsClientError');
  const client = connect(await listen(server), clientOptions);
  const [error] = await once(client, 'error');
  return [seen.map(([, code]) => code), error];
}

run(async () => {
  for (const [name, form] of Object.entries(FORMS)) {
    const server = tls.createServer({ ...optionsOf(form),
      ALPNProtocols: there.Array.of('a', 'b') },
    (socket) => socket.pipe(socket));
    log(name, await intoBuffer(await listen(server), { ...optionsOf(form),
      ALPNProtocols: there.Array.of('b') }));
  }
  const theirs = Object.assign(new there.Error('theirs'), { code: 'ETHEIRS' });
  const [, error] = await refuse({}, { checkServerIdentity: () => theirs });
  log('the same error', error === theirs);
  const [seen] = await refuse({ SNICallback: (name, done) => done(theirs) });
  log('of SNICallback', seen);
});
