// SPDX-License-Identifier: MIT
'use strict';

const { Worker } = require('node:worker_threads');
const { tls, log, certs, run, listen, once } = require('../program');

const PROGRAM = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { module, port, ca } = workerData;
  const client = require(module).connect({ port, host: 'localhost', ca,
    servername: 'localhost' });
  client.on('secureConnect', () => client.end('from a worker'));
  client.setEncoding('utf8').on('data', (text) =>
    parentPort.postMessage({ text, authorized: client.authorized }));
`;

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    socket.pipe(socket)), 0, 'localhost');
  const module = process.env.TLSTREAM_MODULE;
  for (let i = 0; i < 2; i++) {
    const worker = new Worker(PROGRAM, { eval: true,
      workerData: { module, port, ca: certs.ca } });
    log('message', (await once(worker, 'message'))[0]);
    log('ended', await once(worker, 'exit'));
  }
});
