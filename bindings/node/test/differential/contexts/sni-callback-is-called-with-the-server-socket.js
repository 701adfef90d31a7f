// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, meet } = require('../program');

function SNICallback(...args) {
  log('arguments', args);
  log('this', this instanceof tls.TLSSocket);
  args[1](null);
}

run(async () => {
  const { client } = await meet({ ...certs.ec, SNICallback }, {});
  log('authorized', client.authorized);
});
