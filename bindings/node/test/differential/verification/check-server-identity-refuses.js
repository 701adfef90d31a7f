// SPDX-License-Identifier: MIT
'use strict';

const { certs, run, attempt } = require('../program');

run(async () => {
  await attempt(certs.ec, {
    checkServerIdentity() {
      const error = new RangeError('I do not like it');
      error.code = 'UNLOVED';
      return error;
    },
  }, { sides: ['client'] });
});
