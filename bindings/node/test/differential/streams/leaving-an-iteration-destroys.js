// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { collect, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const seen = collect(client.resume(), 'end', 'error', 'close');
  client.write('one');
  for await (const each of socket) {
    log('one is enough', each);
    break;
  }
  log('destroyed', socket.destroyed);
  await closed(client);
  log('the other one', seen);
});
