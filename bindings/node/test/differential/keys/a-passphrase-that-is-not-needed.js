// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client } = await pair({ ...certs.ec, passphrase: 'useless' }, {});
  log('authorized', client.authorized);
});
