// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, pair } = require('../program');
const { refusal } = require('../parts');

run(async () => {
  const { client } = await pair(certs.ec);
  for (const value of ['100', -1, NaN, Infinity, null, {}])
    log('setTimeout', value, refusal(() => client.setTimeout(value)));
  for (const value of ['soon', 5])
    log('callback', value, refusal(() => client.setTimeout(10, value)));
  for (const handshakeTimeout of ['100', null, {}]) {
    log('handshakeTimeout', handshakeTimeout, refusal(() =>
      tls.createServer({ ...certs.ec, handshakeTimeout }).listening));
  }
});
