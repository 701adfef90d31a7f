// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { client, socket } = await meet(certs.ec);
  log('timeouts', !client.timeout, !socket.timeout);
});
