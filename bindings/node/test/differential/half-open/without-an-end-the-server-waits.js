// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet, once } = require('../program');

run(async () => {
  const { client, socket } = await meet({ ...certs.ec, allowHalfOpen: true });
  client.end();
  await once(socket.resume(), 'end');
  for (const text of ['one', 'two', 'three']) {
    socket.write(text);
    log('arrives', (await once(client, 'data'))[0]);
  }
  log('open', socket.destroyed, client.destroyed);
});
