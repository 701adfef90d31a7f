// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run } = require('../program');

if (Number(process.versions.node.split('.')[0]) < 26)
  log.skip('this Node takes it and aborts later');

function thrown(ALPNProtocols) {
  try {
    tls.createServer({ ...certs.ec, ALPNProtocols });
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  log('cut', thrown(Buffer.from('\x05abc')));
  log('an empty name', thrown(Buffer.from('\x00')));
  log('no name at all', thrown(Buffer.alloc(0)));
});
