// SPDX-License-Identifier: MIT
'use strict';

const { tls, run, use } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const client = use(tls.connect({ port: 1, host: 'nowhere.test',
    lookup(name, options, done) {
      done(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }));
    } }));
  record('client', client, 'lookup', 'connect', 'error', 'close');
  await closed(client);
});
