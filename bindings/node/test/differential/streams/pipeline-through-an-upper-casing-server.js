// SPDX-License-Identifier: MIT
'use strict';

const { Readable, Transform } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { log, certs, run, pair, read } = require('../program');

const upperCase = () => new Transform({
  transform(data, _, done) {
    done(null, String(data).toUpperCase());
  },
});

run(async () => {
  const { client, socket } = await pair({ ...certs.ec, allowHalfOpen: true });
  const served = pipeline(socket, upperCase(), socket);
  const text = read(client);
  await pipeline(Readable.from(['one ', 'two ', 'three']), client,
    { end: true });
  log('text', await text);
  await served;
  log('over', socket.destroyed, client.readableEnded);
});
