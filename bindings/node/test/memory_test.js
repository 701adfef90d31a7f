// SPDX-License-Identifier: MIT
// L2, L5: nothing of a connection lives longer than it, and nothing that is
// needed is collected. Runs itself with --expose-gc.
'use strict';
const assert = require('node:assert');
const test = require('node:test');
const { api } = require('./support/home');
const { LOCALHOST, makeCertificates } = require('./support/folder');
const { runNode } = require('./support/run');

const ROUNDS = 200;
const WINDOWS = 7;

function once(emitter, event) {
  return new Promise((resolve) =>
    emitter.once(event, (...values) => resolve(values)));
}

async function listen(tls, options, listener) {
  const server = tls.createServer(options, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function turn() {
  return new Promise((resolve) => setImmediate(resolve));
}

// A connection from its first byte to its last, with a collection at each step.
async function walk(tls, server, ca) {
  const client = tls.connect({ port: server.address().port, ca,
    host: 'localhost' });
  for (const event of ['connect', 'secureConnect']) {
    await once(client, event);
    global.gc();
  }
  client.write(Buffer.from('one'));
  global.gc();
  const [first] = await once(client, 'data');
  global.gc();
  assert.strictEqual(String(first), 'one');
  client.end(Buffer.alloc(100000, 'x'));
  global.gc();
  let rest = 100000;
  client.on('data', ({ length }) => {
    rest -= length;
    global.gc();
  });
  await once(client, 'close');
  assert.strictEqual(rest, 0);
  return new WeakRef(client);
}

async function checkCollections(tls, identity, ca) {
  const server = await listen(tls, identity, (socket) => socket.pipe(socket));
  const kept = [];
  for (let i = 0; i < 20; i++) {
    kept.push(await walk(tls, server, ca));
    await turn();
  }
  await turn();
  global.gc();
  const alive = kept.filter((each) => each.deref()).length;
  assert.ok(alive <= 2, `${alive} of ${kept.length} sockets are still there`);
  server.close();
  await once(server, 'close');
}

// A Buffer that is given away right after the write is written all the same:
// the engine has its own copy by then.
async function checkTransfers(tls, identity, ca) {
  const got = [];
  const server = await listen(tls, identity, (socket) => {
    socket.on('data', (bytes) => got.push(bytes));
    socket.on('end', () => socket.end());
  });
  const client = tls.connect({ port: server.address().port, ca,
    host: 'localhost' });
  await once(client, 'secureConnect');
  for (const length of [1, 5000, 100000]) {
    const bytes = new Uint8Array(length).fill(120);
    const written = new Promise((resolve) => client.write(bytes, resolve));
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    global.gc();
    await written;
  }
  client.end();
  client.resume();
  await once(client, 'close');
  const all = Buffer.concat(got);
  assert.strictEqual(all.length, 105001);
  assert.ok(all.every((byte) => byte === 120));
  server.close();
  await once(server, 'close');
}

// What arrives is the program's own: its memory can be given away.
async function checkArrivals(tls, identity, ca) {
  const server = await listen(tls, identity, (socket) => socket.pipe(socket));
  const client = tls.connect({ port: server.address().port, ca,
    host: 'localhost' });
  for (let i = 0; i < 50; i++) {
    client.write(`piece ${i}`);
    const [bytes] = await once(client, 'data');
    assert.strictEqual(String(bytes), `piece ${i}`);
    assert.strictEqual(bytes.buffer.byteLength, bytes.length);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    global.gc();
  }
  client.destroy();
  server.close();
  await once(server, 'close');
}

async function rest(tls, server, ca) {
  for (let i = 0; i < ROUNDS; i++) {
    const client = tls.connect({ port: server.address().port, ca,
      host: 'localhost' });
    client.on('error', () => {});
    client.once('secureConnect', () => client.end('x'));
    client.resume();
    await once(client, 'close');
  }
  await turn();
  global.gc();
  return process.memoryUsage().rss;
}

// Without waiting for the collector: it is not run in between. V8's heap grows
// and shrinks in steps; what is left of connections is in most windows.
async function checkGrowth(tls, identity, ca) {
  const context = tls.createSecureContext({ ca });
  const server = await listen(tls, identity, (socket) => {
    socket.getPeerCertificate(true);
    socket.pipe(socket);
  });
  const connect = { connect: (options) =>
    tls.connect({ ...options, secureContext: context }) };
  const growths = [];
  let last = await rest(connect, server);
  for (let i = 0; i < WINDOWS; i++) {
    const now = await rest(connect, server);
    growths.push((now - last) / ROUNDS);
    last = now;
  }
  const each = growths.sort((a, b) => a - b)[WINDOWS >> 1]; // the median
  console.log(`${each.toFixed(0)} bytes more for each connection`);
  assert.ok(each < 8192, `${each} bytes are left of each connection`);
  server.close();
  await once(server, 'close');
}

const checks = { checkCollections, checkTransfers, checkArrivals,
  checkGrowth };

if (process.argv[2]) {
  const { ca, identity } = JSON.parse(process.env.TLSTREAM_IDENTITY);
  checks[process.argv[2]](api(), identity, ca);
} else {
  const maker = makeCertificates();
  maker.signed('server', 'ca', '/CN=localhost', LOCALHOST);
  const TLSTREAM_IDENTITY = JSON.stringify({ ca: maker.read('ca.pem'),
    identity: maker.identity('server') });
  const titles = {
    checkCollections: 'L2: a collection between every two steps changes ' +
      'nothing, and takes what is over',
    checkTransfers: 'L2: buffers that are transferred in the middle of a write',
    checkArrivals: 'L2: buffers that are transferred as they arrive',
    checkGrowth: 'L5: memory does not grow with the number of connections',
  };
  // AddressSanitizer keeps what is freed for a while.
  const skipped = process.env.ASAN_OPTIONS ? ['checkGrowth'] : [];
  for (const [name, title] of Object.entries(titles)) {
    test(title, { skip: skipped.includes(name) }, async () => {
      const { status, stdout, stderr } = await runNode(
        ['--expose-gc', __filename, name],
        { env: { ...process.env, TLSTREAM_IDENTITY } });
      assert.strictEqual(status, 0, stderr + stdout);
    });
  }
}
