// SPDX-License-Identifier: MIT
'use strict';

const fs = require('node:fs');
const { tls, log, certs, run, pair } = require('../program');

function SNICallback(servername, callback) {
  fs.readFile(__filename, () => {
    log('answering for', servername);
    callback(null, tls.createSecureContext(certs.a));
  });
}

run(async () => {
  const { client } =
    await pair({ ...certs.ec, SNICallback }, { servername: 'a.test' });
  log('got', client.getPeerCertificate().subject.CN, client.authorized);
});
