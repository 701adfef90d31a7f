// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run, use } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const client = use(tls.connect({ path: './nobody' }));
  record('client', client, 'connect', 'end', 'close');
  client.on('error', ({ code, syscall, address }) =>
    log('error', { code, syscall, address }));
  await closed(client);
});
