// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { client } = await meet({ ...certs.ec, passphrase: 'useless' }, {});
  log('authorized', client.authorized);
});
