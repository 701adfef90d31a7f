// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { key, chain } = certs.chained;
  const { client } = await pair({ key, cert: chain }, {});
  const leaf = client.getPeerCertificate(true);
  const issuer = leaf.issuerCertificate;
  const root = issuer.issuerCertificate;
  log('leaf', leaf.subject, leaf.issuer, leaf.ca);
  log('issuer', issuer.subject, issuer.issuer, issuer.ca);
  log('root', root.subject, root.issuer, root.ca);
  log('fingerprints', leaf.fingerprint256, issuer.fingerprint256);
  log('the root is its own', root.issuerCertificate === root);
});
