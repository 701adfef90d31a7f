// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { key, cert, passphrase } = certs.encrypted;
  const { client } =
    await meet({ key: [{ pem: key, passphrase }], cert }, {});
  log('in the list', client.authorized);
  const second = await meet({ key: [{ pem: key }], cert, passphrase }, {});
  log('beside the list', second.client.authorized);
  const third = await meet(
    { key: [{ pem: key, passphrase }], cert, passphrase: 'wrong' }, {});
  log('both', third.client.authorized);
});
