// SPDX-License-Identifier: MIT
'use strict';

const events = require('node:events');
const { tls, log, certs, run, listen, connect } = require('../program');
const { collect, closed } = require('../parts');

run(async () => {
  events.captureRejections = true;
  let seen;
  const server = tls.createServer(certs.ec, async (socket) => {
    seen = collect(socket, 'error', 'close');
    throw Object.assign(new Error('rejected'), { code: 'EREJECTED' });
  });
  const client = connect(await listen(server)).resume();
  client.on('error', () => {});
  await closed(client);
  log('server side', seen);
});
