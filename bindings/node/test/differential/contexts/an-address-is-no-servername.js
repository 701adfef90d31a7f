// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run, use } = require('../program');

process.noDeprecation = true; // Node 20 only warns

function thrown(servername) {
  try {
    use(tls.connect({ port: 1, host: '127.0.0.1', servername }))
      .on('error', () => {});
    return 'nothing';
  } catch (error) {
    return error.code;
  }
}

run(async () => {
  log('a.test', thrown('a.test'));
  for (const servername of ['127.0.0.1', '::1', '1.2.3.4']) {
    log.hosts({ 20: 'nothing', 26: 'ERR_INVALID_ARG_VALUE',
      tlstream: 'ERR_INVALID_ARG_VALUE' }, thrown(servername));
  }
});
