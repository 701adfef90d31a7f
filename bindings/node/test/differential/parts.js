// SPDX-License-Identifier: MIT
'use strict';

// Helpers for programs, beside those of program.js:
//
// record(name, emitter, ...events)  logs these events as `name`, with their
//                    arguments except streams.
// collect(emitter, ...events)  they go into an array: [['close', false], ...];
//                    of an error, its code.
// closed(...sockets) a promise of all of them the event 'close': each either was
//                    given to use(), or has not emitted it yet.
// refusal(action)    the error that it throws, or its result.
// plain(port)        a TCP connection without TLS.
// unusedPort()       a promise of a port without a listener.
// upgrade(socket, options)  a TLS client over any stream, with the usual `ca`
//                    and `servername`; upgradeServer(socket): the other side.
// relay(port)        a TCP relay to that port: { port, near, far }; near is the
//                    client's connection, far the server's.
// pairThrough(serverOptions, clientOptions)  pair(), with a relay in between.
// wire()             two Duplexes: what one writes can be read from the other.
// request(socket, text) writes it and waits for the answer, which it returns.
// bytes(length)      always the same ones, and no pattern that is easy to lose.
// digest(data)       of a Buffer, or of all that can be read from a stream.

const crypto = require('node:crypto');
const net = require('node:net');
const { Duplex, Stream } = require('node:stream');
const { tls, log, certs, use, listen, connect, once, closedSockets, waitFor } =
  require('./program');

function plainly(values) {
  return values.map((each) => each instanceof Error ? each.code : each);
}

function record(name, emitter, ...events) {
  const side = log.as(name);
  for (const event of events) {
    emitter.on(event, (...values) => side(event,
      ...values.filter((each) => !(each instanceof Stream))));
  }
  return emitter;
}

function collect(emitter, ...events) {
  const seen = [];
  for (const event of events)
    emitter.on(event, (...values) => seen.push([event, ...plainly(values)]));
  return seen;
}

function refusal(action) {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

// The property `closed` is true before the event has come.
function closed(...sockets) {
  return waitFor('close', Promise.all(sockets.map((each) =>
    closedSockets.has(each) ||
      new Promise((done) => each.once('close', done)))));
}

function plain(port) {
  return use(net.connect(port, '127.0.0.1')).on('error', () => {});
}

async function unusedPort() {
  const server = net.createServer();
  const port = await listen(server);
  await new Promise((done) => server.close(done));
  return port;
}

function upgrade(socket, options) {
  return use(tls.connect({ socket, ca: certs.ca, servername: 'localhost',
    ...options }));
}

function upgradeServer(socket) {
  return use(new tls.TLSSocket(socket, { isServer: true, ...certs.ec }));
}

async function relay(port) {
  const passage = {};
  const server = net.createServer({ allowHalfOpen: true });
  server.on('connection', (near) => {
    const far = use(net.connect({ port, host: '127.0.0.1',
      allowHalfOpen: true })).on('error', () => {});
    near.on('error', () => {});
    near.pipe(far).pipe(near);
    Object.assign(passage, { near, far });
  });
  passage.port = await listen(server);
  return passage;
}

async function pairThrough(serverOptions, clientOptions) {
  const server = tls.createServer(serverOptions);
  const passage = await relay(await listen(server));
  const arrival = once(server, 'secureConnection');
  const client = connect(passage.port, clientOptions);
  await once(client, 'secureConnect');
  const [socket] = await arrival;
  return { ...passage, server, client, socket: use(socket) };
}

// duplexPair() of Node holds the end of a side back until it was read.
function wire() {
  const ends = [0, 1].map((side) => new Duplex({
    read() {
      const { taken } = this;
      this.taken = null;
      taken?.();
    },
    write(data, _, done) {
      const other = ends[1 - side];
      if (other.push(data)) return done();
      other.taken = done;
    },
    final(done) {
      ends[1 - side].push(null);
      done();
    },
    destroy(error, done) {
      const other = ends[1 - side];
      if (!other.readableEnded && !other.destroyed) other.push(null);
      done(error);
    },
  }));
  return ends;
}

async function request(socket, text) {
  socket.write(text);
  const [answer] = await once(socket, 'data');
  return String(answer);
}

function bytes(length) {
  const cipher = crypto.createCipheriv('aes-128-ctr', Buffer.alloc(16),
    Buffer.alloc(16));
  return cipher.update(Buffer.alloc(length));
}

async function digest(data) {
  const hash = crypto.createHash('sha256');
  if (Buffer.isBuffer(data)) hash.update(data);
  else for await (const each of data) hash.update(each);
  return hash.digest('hex');
}

module.exports = { record, collect, closed, refusal, plain, unusedPort, upgrade,
  upgradeServer, relay, pairThrough, wire, request, bytes, digest };
