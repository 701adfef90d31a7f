// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run } = require('../program');

function thrown(...args) {
  try {
    tls.createServer(certs.ec).addContext(...args);
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  log('nothing', thrown());
  log('empty', thrown('', certs.a));
  log('null', thrown(null, certs.a));
  log('bad key', thrown('a.test', { key: 5 }));
  log.differs('argument-checks', { node: undefined,
    tlstream: 'ERR_TLSTREAM_NO_CERTIFICATE' }, thrown('a.test').code);
});
