// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, pair } = require('../program');

function SNICallback(...args) {
  log('arguments', args);
  log('this', this instanceof tls.TLSSocket);
  args[1](null);
}

run(async () => {
  const { client } = await pair({ ...certs.ec, SNICallback }, {});
  log('authorized', client.authorized);
});
