// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run } = require('../program');

function thrown(secureProtocol) {
  try {
    tls.createSecureContext({ secureProtocol });
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  for (const name of ['SSLv2_method', 'SSLv3_method', 'blah', 'tls_method'])
    log(name, thrown(name));
});
