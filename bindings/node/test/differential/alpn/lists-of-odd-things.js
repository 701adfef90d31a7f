// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run } = require('../program');

function thrown(ALPNProtocols) {
  try {
    tls.createServer({ ...certs.ec, ALPNProtocols });
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  log('255 bytes', thrown(['x'.repeat(255)]));
  log('256 bytes', thrown(['x'.repeat(256)]));
  log('256 bytes of UTF-8', thrown(['ü'.repeat(128)]));
  log('undefined', thrown(undefined));
  log('null', thrown(null));
  log('false', thrown(false));
});
