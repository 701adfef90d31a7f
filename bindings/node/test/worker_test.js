// SPDX-License-Identifier: MIT
// L3: environments that end while connections are open: workers are terminated
// in the middle of handshakes and transfers, over descriptors and over streams,
// and the process goes on.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const {
  Worker, isMainThread, parentPort, workerData,
} = require('node:worker_threads');

const ROUNDS = Number(process.env.TLSTREAM_WORKERS || 30);
const CONNECTIONS = 5;
const BYTES = 200000;

// In the worker: connections that come and go for as long as it lives.
function keepBusy({ home, ca, identity }) {
  const tls = require(home);
  const server = tls.createServer(identity, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.on('tlsClientError', () => {});
  const connect = (options) => {
    const client = tls.connect({ port: server.address().port, ca,
      host: 'localhost', ...options });
    let rest = BYTES;
    client.write(Buffer.alloc(BYTES));
    client.on('data', ({ length }) => {
      rest -= length;
      if (rest === 0) client.end();
    });
    client.on('error', () => {});
    client.on('close', () => connect(options));
    return client;
  };
  server.listen(0, () => {
    for (let i = 0; i < CONNECTIONS; i++) connect();
    connectPairs(tls, ca, identity);
    parentPort.postMessage('busy');
  });
}

// Two ends in one thread, whose bytes JavaScript carries.
function connectPairs(tls, ca, identity) {
  const near = tls.createSecurePair(tls.createSecureContext(identity), true);
  const far = tls.createSecurePair(tls.createSecureContext({ ca }), false,
    false, true, { servername: 'localhost' });
  near.encrypted.pipe(far.encrypted).pipe(near.encrypted);
  near.cleartext.pipe(near.cleartext);
  far.cleartext.on('data', (bytes) => far.cleartext.write(bytes));
  far.cleartext.write(Buffer.alloc(BYTES));
}

function runOne(data, round) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: data });
    worker.on('error', reject);
    worker.on('exit', resolve);
    // At another moment each time: some in their handshake, some in the middle
    // of their data.
    worker.once('message', () => {
      let turns = round * 3;
      const wait = () =>
        (turns-- > 0 ? setImmediate(wait) : worker.terminate());
      wait();
    });
  });
}

if (isMainThread) {
  const { home } = require('./support/home');
  const { LOCALHOST, makeCertificates } = require('./support/folder');
  const maker = makeCertificates();
  maker.signed('server', 'ca', '/CN=localhost', LOCALHOST);
  const data = { home, ca: maker.read('ca.pem'),
    identity: maker.identity('server') };

  test('L3: workers that are terminated', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      assert.strictEqual(await runOne(data, round), 1);
    }
  });
} else {
  keepBusy(workerData);
}
