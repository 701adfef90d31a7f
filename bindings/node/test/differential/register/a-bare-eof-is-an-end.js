// SPDX-License-Identifier: MIT
// with: register
'use strict';

const { pipeline } = require('node:stream/promises');
const { PassThrough } = require('node:stream');
const { log, certs, run, once } = require('../program');
const { record, closed, pairThrough } = require('../parts');

async function cut(ends) {
  const { client, socket, near } =
    await pairThrough({ ...certs.ec, allowHalfOpen: true });
  socket.on('error', () => {}).resume();
  if (ends) {
    client.end('request');
    await once(socket, 'end');
  }
  socket.write('half of it');
  await once(client, 'readable');
  near.end();
  return client;
}

run(async () => {
  for (const ends of [false, true]) {
    const heard = await cut(ends);
    record('client', heard, 'data', 'end', 'finish', 'error', 'close');
    await closed(heard);
    for await (const each of await cut(ends)) log('got', each);
    const sink = new PassThrough();
    await pipeline(await cut(ends), sink);
    log('sink', sink.read());
  }
});
