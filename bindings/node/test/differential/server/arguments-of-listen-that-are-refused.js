// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen } = require('../program');
const { refusal } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec);
  for (const where of [-1, 65536, {}, true, { port: 'http' }]) {
    log('listen', where, refusal(() => {
      server.listen(where).close();
      return 'taken';
    }));
  }
  const other = tls.createServer(certs.ec);
  await listen(other);
  log('twice', refusal(() => other.listen(0)));
});
