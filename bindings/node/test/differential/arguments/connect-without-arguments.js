// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run } = require('../program');

function thrown(...args) {
  try {
    tls.connect(...args).destroy();
    return 'nothing';
  } catch (error) {
    return error;
  }
}

run(async () => {
  log('nothing', thrown());
  log('no port', thrown({}));
  log('undefined', thrown(undefined));
  log('null', thrown(null));
});
