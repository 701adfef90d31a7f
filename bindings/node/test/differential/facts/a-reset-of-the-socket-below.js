// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { collect, closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec, {});
  const seen = collect(client, 'error', 'end', 'close');
  socket._parent.resetAndDestroy();
  await closed(client, socket);
  log('client', seen);
});
