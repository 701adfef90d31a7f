// SPDX-License-Identifier: MIT
// with: register
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, once } = require('../program');
const { relay } = require('../parts');

// What the drivers of databases do: ask for TLS, wrap the socket, send queries;
// an error or an unexpected end fails the query under way.
class Driver {
  async connect(port) {
    const raw = use(net.connect(port, '127.0.0.1'));
    raw.write('S');
    await once(raw, 'data');
    this.socket = use(require('tls').connect({ socket: raw, ca: certs.ca,
      servername: 'localhost' }));
    this.socket.on('data', (data) => this.finish(null, String(data)));
    this.socket.on('error', (error) => this.finish(error));
    this.socket.on('end', () => log('end'));
    this.closed = new Promise((done) => this.socket.on('close', (hadError) => {
      log('close', hadError);
      this.finish(new Error('connection terminated unexpectedly'));
      done();
    }));
    await once(this.socket, 'secureConnect');
  }

  query(text) {
    this.socket.write(text);
    return new Promise((resolve, reject) => {
      this.finish = (error, answer) =>
        error ? reject(error) : resolve(answer);
    });
  }

  finish(error) {
    if (error) log('while idle', error);
  }
}

async function serve(raw) {
  raw.on('error', () => {});
  await once(raw, 'data');
  raw.write('S');
  const socket = use(new tls.TLSSocket(raw, { isServer: true, ...certs.ec }));
  socket.on('error', () => {}).on('data', (data) => {
    if (String(data) === 'select 1') socket.write('1');
  });
}

run(async () => {
  const passage = await relay(await listen(net.createServer(serve)));
  for (const how of ['end', 'resetAndDestroy']) {
    for (const busy of [true, false]) {
      log(how, busy);
      const driver = new Driver();
      await driver.connect(passage.port);
      log('answer', await driver.query('select 1'));
      delete driver.finish;
      const query = busy && driver.query('select 2').catch(log.message);
      if (busy) await once(passage.near, 'data');
      passage.near.unpipe().unpipe(passage.far);
      passage.near[how]();
      await Promise.all([query, driver.closed]);
      driver.socket.destroy();
    }
  }
});
