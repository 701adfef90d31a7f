// SPDX-License-Identifier: MIT
'use strict';

const fs = require('node:fs');
const { tls, log, certs, run } = require('../program');

function thrown(options) {
  try {
    tls.createSecureContext(options);
    return 'nothing';
  } catch (error) {
    return error.name;
  }
}

run(async () => {
  const pfx = fs.readFileSync(certs.pfx.file);
  log('wrong passphrase', thrown({ pfx, passphrase: 'wrong' }));
  log('no passphrase', thrown({ pfx }));
  log('garbage', thrown({ pfx: Buffer.from('garbage') }));
  log('cut', thrown({ pfx: pfx.subarray(0, 100), passphrase: 'wrong' }));
});
