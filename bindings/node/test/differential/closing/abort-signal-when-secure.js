// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const controller = new AbortController();
  const { client, socket } =
    await pair(certs.ec, { signal: controller.signal });
  socket.on('error', () => {}).resume();
  record('client', client.resume(), 'end', 'error', 'close');
  const reason = new Error('my reason');
  controller.abort(reason);
  await closed(client);
  log('cause', client.errored.cause === reason, client.errored.name);
});
