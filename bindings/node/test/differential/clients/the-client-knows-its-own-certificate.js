// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const asked = await pair(
    { ...certs.ec, ca: certs.ca, requestCert: true }, certs.client);
  log('asked', asked.client.getCertificate().subject.CN);
  const notAsked = await pair(certs.ec, certs.client);
  log('not asked', notAsked.client.getCertificate().subject?.CN);
  const none = await pair(certs.ec, {});
  log('has none', none.client.getCertificate());
});
