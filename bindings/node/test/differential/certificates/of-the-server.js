// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client } = await pair(certs.rich, {});
  const certificate = client.getPeerCertificate();
  log('fields', Object.keys(certificate)
    .filter((name) => certificate[name] !== undefined).sort());
  log('subject', certificate.subject);
  log('issuer', certificate.issuer);
  log('names', certificate.subjectaltname);
  log('access', certificate.infoAccess);
  log('may sign', certificate.ca);
  log('usage', certificate.ext_key_usage);
});
