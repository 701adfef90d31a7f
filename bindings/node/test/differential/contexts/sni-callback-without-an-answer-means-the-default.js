// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const nothing of [undefined, null, false, 0, '']) {
    const SNICallback = (servername, callback) => callback(null, nothing);
    const { client } = await pair({ ...certs.ec, SNICallback }, {});
    log('answer', nothing, client.getPeerCertificate().subject.CN);
  }
});
