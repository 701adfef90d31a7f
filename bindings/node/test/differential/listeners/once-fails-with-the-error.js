// SPDX-License-Identifier: MIT
'use strict';

const { once } = require('node:events');
const { tls, log, certs, run, listen, connect } = require('../program');

run(async () => {
  const port = await listen(tls.createServer(certs.selfSigned));
  const client = connect(port);
  await once(client, 'secureConnect').then(
    () => log('never'), (error) => log('failed', error));
});
