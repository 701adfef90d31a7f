// SPDX-License-Identifier: MIT
'use strict';

const { log, run, connect } = require('../program');
const { record, closed, unusedPort } = require('../parts');

run(async () => {
  const port = await unusedPort();
  const client = connect(port);
  record('client', client, 'connect', 'secureConnect', 'end', 'close');
  client.on('error', (error) => {
    const { syscall, address, errno } = error;
    log('error', error, { syscall, address, errno }, error.port === port);
  });
  client.write('never to be read', (error) => log('write', error));
  await closed(client);
});
