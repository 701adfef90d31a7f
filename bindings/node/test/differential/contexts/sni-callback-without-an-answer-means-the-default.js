// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  for (const nothing of [undefined, null, false, 0, '']) {
    const SNICallback = (servername, callback) => callback(null, nothing);
    const { client } = await meet({ ...certs.ec, SNICallback }, {});
    log('answer', nothing, client.getPeerCertificate().subject.CN);
  }
});
