// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run, use } = require('../program');

function attempt(port) {
  try {
    use(tls.connect({ port, host: '127.0.0.1' })).on('error', () => {});
    return 'taken';
  } catch (error) {
    return error;
  }
}

run(async () => {
  for (const port of [-1, 65536, 1.5, NaN, 'text', '', true, [], {}])
    log('port', port, attempt(port));
});
