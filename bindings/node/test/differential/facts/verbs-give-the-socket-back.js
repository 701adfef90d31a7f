// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  for (const each of [client, socket]) {
    for (const call of [['setNoDelay'], ['setNoDelay', false],
      ['setKeepAlive', true, 1000], ['setKeepAlive'], ['setTimeout', 0],
      ['unref'], ['ref'], ['pause'], ['resume'], ['setEncoding', 'utf8'],
      ['setDefaultEncoding', 'utf8'], ['end'], ['destroy']]) {
      const [name, ...values] = call;
      log(name, values, each[name](...values) === each);
    }
    each.on('error', () => {});
  }
});
