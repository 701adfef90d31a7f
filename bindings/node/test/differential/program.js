// SPDX-License-Identifier: MIT
'use strict';

// What a program of the differential suite is written with.
//
// A program is test/differential/<topic>/<what-it-shows>.js. run.js starts it
// twice, each time in a process of its own: `tls` is node:tls in one and
// tlstream in the other, and both must leave the same transcript. It looks like
// this:
//
//   const { tls, log, certs, run, pair } = require('../program');
//
//   run(async () => {
//     const { client } = await pair({ ...certs.ec }, { ca: certs.ca });
//     log('protocol', client.getProtocol());
//   });
//
// run(main)     main is done when its promise is. Then everything that was
//               given to use(), listen(), pair() or attempt() is closed, and
//               the process must end by itself: what is still open after 10 s
//               is a failure, and so is a main that never gets to its end.
// log(...)      one line. A leading string is a label; of Errors, name and
//               code are shown; more in show.js. log.as('client') is a log of
//               its own: lines are compared within 'main', 'client', 'server',
//               because the order *between* two sides is not defined.
// log.message(error)  its message as well, where the text is the matter.
// log.differs(anchor, { node, tlstream }, actual)
//               a difference that docs/node-tls.md lists under this anchor:
//               each module must show its own value, and no other.
// log.hosts({ 20: value, 26: value, tlstream }, actual)
//               where Node's versions differ from each other: the value of the
//               highest version that is not above the host's. `tlstream` may be
//               left out: then it must do as the host's own node:tls.
// log.skip(why) for what this host's node:tls cannot do at all.
// fails(what)   this program has found a fault by itself.
// exitsWith(n)  the process is meant to end with this code.
//
// listen(server, ...)  a promise of its port, on 127.0.0.1 by default.
// connect(port, options, ...)  tls.connect with `ca` and `servername` for the
//               usual certificates (certs.rsa, certs.ec: "localhost").
// once(emitter, event)   as events.once; prints its name if it never comes.
// waitFor(what, promise)  the same for any promise.
// pair(serverOptions, clientOptions)   { server, socket, client, port }, when
//               both sides are secure.
// attempt(serverOptions, clientOptions, { sides })   server and client try;
//               the server sends "hello" and ends. All events of the sides
//               named (default: both) go into the logs 'client' and 'server'.
//               Gives { client, socket, server } when it is over.
// read(socket)  a promise of all its text, up to its end.
// certs         listed in certificates.js.
//
// A line "// environment: NAME=value" in a program sets a variable for it, with
// {certs} for the folder; "// arguments: --flag" gives node an option;
// "// with: register" has tlstream registered in place of node:tls.

const events = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { show, tidy } = require('./show');

const DEADLINE = 10000;
const { TLSTREAM_MODULE = 'node:tls', TLSTREAM_CERTS } = process.env;
const THEIRS = TLSTREAM_MODULE === 'node:tls';
const HOST = Number(process.versions.node.split('.')[0]);
const LIST = path.join(__dirname, '../../../../docs/node-tls.md');

const tls = require(TLSTREAM_MODULE);
const certs = JSON.parse(fs.readFileSync(
  path.join(TLSTREAM_CERTS, 'certs.json'), 'utf8'));

// Written at once and below the streams of Node: a crash loses nothing.
function line(kind, text) {
  fs.writeSync(1, `${kind}\t${text.replace(/\n/g, '\\n')}\n`);
}

function fails(what) {
  line('FAIL', what);
}

function writer(actor) {
  return (...values) => {
    const label = typeof values[0] === 'string' ? [tidy(values.shift())] : [];
    const texts = values.map((each) => show(each));
    line(actor, [...label, ...texts].join(' '));
  };
}

function isListed(anchor) {
  return fs.readFileSync(LIST, 'utf8').includes(`id="${anchor}"`);
}

// The value itself stays out of the transcript, which is to be the same.
function expected(about, wanted, actual) {
  if (show(actual) === show(wanted)) line('main', `${about}: as expected`);
  else fails(`${about}: wanted ${show(wanted)}, got ${show(actual)}`);
}

const log = Object.assign(writer('main'), {
  as: writer,

  message(error) {
    log(`${error.name} ${error.code}: ${error.message}`);
  },

  differs(anchor, values, actual) {
    if (!isListed(anchor)) fails(`docs/node-tls.md has no "${anchor}"`);
    expected(`differs(${anchor})`, THEIRS ? values.node : values.tlstream,
      actual);
  },

  hosts(values, actual) {
    const version = Object.keys(values).map(Number)
      .filter((each) => each <= HOST).sort((a, b) => b - a)[0];
    const wanted = !THEIRS && 'tlstream' in values ? values.tlstream
      : values[version];
    expected('hosts', wanted, actual);
  },

  skip(why) {
    line('SKIP', why);
    process.exit(0);
  },
});

const opened = [];
const closedSockets = new WeakSet(); // have emitted 'close'
const waiting = new Set();
let finished = false;

// Have it closed at the end.
function use(closable) {
  if (opened.includes(closable)) return closable;
  opened.push(closable);
  closable.setMaxListeners?.(closable.getMaxListeners() + 1);
  closable.once?.('close', () => closedSockets.add(closable));
  return closable;
}

function close(closable) {
  closable.on?.('error', () => {});
  if (closable.destroy) closable.destroy();
  else closable.close();
}

function exitsWith(code) {
  line('EXIT', String(code));
}

async function waitFor(what, promise) {
  waiting.add(what);
  try {
    return await promise;
  } finally {
    waiting.delete(what);
  }
}

function once(emitter, event) {
  return waitFor(event, events.once(emitter, event));
}

function awaited() {
  return [...waiting].join(', ') || 'something of its own';
}

function run(main) {
  setTimeout(() => {
    fails(finished ? `still open: ${process.getActiveResourcesInfo()}`
      : `not done, it waits for: ${awaited()}`);
    process.exit(1);
  }, DEADLINE).unref();
  process.on('exit', (code) => {
    if (!finished && code === 0)
      fails(`ended before it was done, waiting for: ${awaited()}`);
  });
  Promise.resolve().then(main).catch((error) => fails(error.stack)).then(() => {
    finished = true;
    opened.reverse().forEach(close);
  });
}

async function listen(server, ...where) {
  use(server).on('connection', use);
  server.listen(...(where.length ? where : [0, '127.0.0.1']));
  await once(server, 'listening');
  return server.address().port;
}

function connect(port, options, ...more) {
  return use(tls.connect(port, '127.0.0.1',
    { ca: certs.ca, servername: 'localhost', ...options }, ...more));
}

async function pair(serverOptions, clientOptions) {
  const server = tls.createServer(serverOptions);
  const port = await listen(server);
  const arrival = once(server, 'secureConnection');
  const client = connect(port, clientOptions);
  const [[socket]] =
    await Promise.all([arrival, once(client, 'secureConnect')]);
  return { server, socket: use(socket), client, port };
}

function authorization(socket) {
  return { authorized: socket.authorized,
    authorizationError: socket.authorizationError };
}

// Every event of a connection, into the log of its side.
function watch(side, socket) {
  socket.on('error', (error) => side('error', error));
  socket.on('data', (data) => side('data', String(data)));
  socket.on('end', () => side('end'));
  socket.on('close', (hadError) => side('close', hadError));
}

function watchClient(side, client) {
  client.on('secureConnect',
    () => side('secureConnect', authorization(client)));
  watch(side, client);
  return waitFor('close of the client',
    new Promise((done) => client.once('close', done)));
}

// Done when the server has seen the last of its one connection.
function watchServer(side, server) {
  let socket;
  const over = new Promise((done) => {
    server.on('secureConnection', (secure) => {
      socket = use(secure);
      side('secureConnection', authorization(secure));
      watch(side, secure);
      secure.end('hello');
      secure.once('close', done);
    });
    server.on('tlsClientError', (error) => {
      side('tlsClientError', error);
      done();
    });
  });
  return waitFor('the last of the server', over).then(() => socket);
}

async function attempt(serverOptions, clientOptions, { sides } = {}) {
  const side = (name) =>
    sides && !sides.includes(name) ? () => {} : log.as(name);
  const server = tls.createServer(serverOptions);
  const port = await listen(server);
  const served = watchServer(side('server'), server);
  const client = connect(port, clientOptions);
  await watchClient(side('client'), client);
  return { client, socket: await served, server };
}

async function read(socket) {
  let text = '';
  socket.setEncoding('utf8').on('data', (each) => { text += each; });
  await once(socket, 'end');
  return text;
}

module.exports = { tls, log, certs, run, use, listen, connect, once, pair,
  attempt, read, closedSockets, waitFor, fails, exitsWith };
