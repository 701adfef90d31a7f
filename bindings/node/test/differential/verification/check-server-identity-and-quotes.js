// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run } = require('../program');

function check(subjectaltname) {
  try {
    return tls.checkServerIdentity('b.com', { subjectaltname, subject: {} });
  } catch (error) {
    return ['thrown', error];
  }
}

run(async () => {
  log('quoted', check('DNS:"a.com, DNS:b.com"'));
  log('beside it', check('DNS:"x, y", DNS:b.com'));
  log('broken', check('DNS:"a.com, DNS:b.com'));
});
