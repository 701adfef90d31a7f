// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, clientRsa } = certs;
  const key = [clientRsa.key, client.key];
  const cert = [clientRsa.cert, client.cert];
  for (const sigalgs of ['ECDSA+SHA256', 'RSA-PSS+SHA256']) {
    const { socket } = await pair({ key: [certs.ec.key, certs.rsa.key],
      cert: [certs.ec.cert, certs.rsa.cert], ca: certs.ca, requestCert: true,
      sigalgs }, { key, cert });
    log(sigalgs, socket.getPeerCertificate().subject.CN);
  }
});
