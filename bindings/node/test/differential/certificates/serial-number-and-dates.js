// SPDX-License-Identifier: MIT
'use strict';

const { X509Certificate } = require('node:crypto');
const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const name of ['expired', 'future', 'ec']) {
    const { client } = await pair(certs[name], { rejectUnauthorized: false });
    const { serialNumber, valid_from: from, valid_to: to } =
      client.getPeerCertificate();
    log(name, from, to);
    log('as dates', new Date(from), new Date(to));
    log('serial number',
      serialNumber === new X509Certificate(certs[name].cert).serialNumber);
  }
});
