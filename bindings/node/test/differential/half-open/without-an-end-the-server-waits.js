// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');

run(async () => {
  const { client, socket } = await pair({ ...certs.ec, allowHalfOpen: true });
  client.end();
  await once(socket.resume(), 'end');
  for (const text of ['one', 'two', 'three']) {
    socket.write(text);
    log('arrives', (await once(client, 'data'))[0]);
  }
  log('open', socket.destroyed, client.destroyed);
});
