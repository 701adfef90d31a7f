// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client } = await pair(certs.ec, {});
  const first = client.getPeerCertificate();
  first.subject.CN = 'changed';
  delete first.raw;
  const second = client.getPeerCertificate();
  log('untouched', second.subject.CN, Buffer.isBuffer(second.raw));
  log('another one', first !== second);
});
