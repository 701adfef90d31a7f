// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.resume();
  record('client', client.resume(), 'finish', 'error', 'end', 'close');
  client.end((error) => log('first', error ?? null));
  client.end((error) => log('second', error ?? null));
  await closed(client);
  await new Promise((done) => client.end((error) => done(log('last', error))));
});
