// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const asked = await meet(
    { ...certs.ec, ca: certs.ca, requestCert: true }, certs.client);
  log('asked', asked.client.getCertificate().subject.CN);
  const notAsked = await meet(certs.ec, certs.client);
  log('not asked', notAsked.client.getCertificate().subject?.CN);
  const none = await meet(certs.ec, {});
  log('has none', none.client.getCertificate());
});
