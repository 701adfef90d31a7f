// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, run } = require('../program');

function thrown(ca) {
  try {
    tls.createSecureContext({ ca });
    return 'nothing';
  } catch (error) {
    return error.name;
  }
}

run(async () => {
  for (const ca of ['garbage', ['garbage'], [], Buffer.from('garbage')]) {
    log.differs('ca-garbage', { node: 'nothing', tlstream: 'Error' },
      thrown(ca));
  }
});
