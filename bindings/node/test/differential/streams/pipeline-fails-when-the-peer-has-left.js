// SPDX-License-Identifier: MIT
'use strict';

const { Writable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const sink = new Writable({ write(data, _, done) { done(); } });
  const over = pipeline(client, sink).then(() => 'fine', ({ code }) => code);
  socket.write('half of it');
  client.once('data', () => socket.destroy());
  log.differs('truncated',
    { node: 'fine', tlstream: 'ERR_TLSTREAM_TRUNCATED' }, await over);
  log('sink', sink.destroyed);
});
