// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.rich, {});
  const own = socket.getCertificate();
  const seen = client.getPeerCertificate();
  log('subject', own.subject);
  log('the same', own.fingerprint512 === seen.fingerprint512,
    own.raw.equals(seen.raw));
  log('the client has none', client.getCertificate());
});
