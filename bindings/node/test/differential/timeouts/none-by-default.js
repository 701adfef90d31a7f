// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  log('timeouts', !client.timeout, !socket.timeout);
});
