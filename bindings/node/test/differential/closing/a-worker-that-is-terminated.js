// SPDX-License-Identifier: MIT
'use strict';

const { Worker } = require('node:worker_threads');
const { log, certs, run, connect, once } = require('../program');
const { collect, closed } = require('../parts');

const PROGRAM = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { module, options } = workerData;
  const server = require(module).createServer(options, (socket) =>
    socket.pipe(socket));
  server.listen(0, '127.0.0.1', () =>
    parentPort.postMessage(server.address().port));
`;

run(async () => {
  const module = process.env.TLSTREAM_MODULE;
  const worker = new Worker(PROGRAM, { eval: true,
    workerData: { module, options: certs.ec } });
  const [port] = await once(worker, 'message');
  const client = connect(port);
  const seen = collect(client, 'data', 'end', 'error', 'close');
  client.write('still there?');
  await once(client, 'data');
  await worker.terminate();
  await closed(client);
  const data = ['data', Buffer.from('still there?')];
  log.differs('truncated', {
    node: [data, ['end'], ['close', false]],
    tlstream: [data, ['error', 'ERR_TLSTREAM_TRUNCATED'], ['close', true]],
  }, seen);
});
