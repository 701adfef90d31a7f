// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client } = await pair(certs.wrongName, {
    checkServerIdentity(...args) {
      log('asked', args.length, args[0], args[1].subject.CN);
      log('certificate', args[1].subjectaltname, Buffer.isBuffer(args[1].raw));
    },
  });
  log('authorized', client.authorized, client.authorizationError);
});
