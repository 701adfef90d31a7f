// SPDX-License-Identifier: MIT
'use strict';

const { finished } = require('node:stream');
const { log, certs, run, pair } = require('../program');

function over(stream, options) {
  return new Promise((done) => finished(stream, options, (error) =>
    done(error?.code ?? 'fine')));
}

run(async () => {
  const { client, socket } = await pair({ ...certs.ec, allowHalfOpen: true });
  const [writing, reading, whole] = [{ readable: false }, { writable: false },
    {}].map((options) => over(client.resume(), options));
  client.end('x');
  log('writing', await writing, client.destroyed);
  socket.resume().end('y');
  log('reading', await reading);
  log('whole', await whole);
  log('afterwards', await over(client));
});
