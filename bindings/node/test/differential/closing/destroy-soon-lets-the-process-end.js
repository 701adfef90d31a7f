// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, connect, once } = require('../program');
const { closed } = require('../parts');
const { Worker } = require('node:worker_threads');

// A server of another thread, which keeps its side open.
const PROGRAM = `
  const { parentPort, workerData } = require('node:worker_threads');
  const options = { ...workerData, allowHalfOpen: true };
  const server = require('node:tls').createServer(options, (socket) =>
    socket.resume());
  server.listen(0, '127.0.0.1', () =>
    parentPort.postMessage(server.address().port));
`;

run(async () => {
  const worker = new Worker(PROGRAM, { eval: true, workerData: certs.ec });
  const [port] = await once(worker, 'message');
  worker.unref();
  const client = connect(port, { allowHalfOpen: true });
  await once(client, 'secureConnect');
  const began = Date.now();
  client.write('x');
  client.destroySoon();
  await closed(client);
  process.on('exit', () => log('soon', Date.now() - began < 2000));
  log('a socket', client instanceof tls.TLSSocket);
});
