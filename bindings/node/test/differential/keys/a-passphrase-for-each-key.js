// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { key, cert, passphrase } = certs.encrypted;
  const { client } =
    await pair({ key: [{ pem: key, passphrase }], cert }, {});
  log('in the list', client.authorized);
  const second = await pair({ key: [{ pem: key }], cert, passphrase }, {});
  log('beside the list', second.client.authorized);
  const third = await pair(
    { key: [{ pem: key, passphrase }], cert, passphrase: 'wrong' }, {});
  log('both', third.client.authorized);
});
