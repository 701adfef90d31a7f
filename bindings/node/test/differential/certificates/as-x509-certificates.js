// SPDX-License-Identifier: MIT
'use strict';

const { X509Certificate } = require('node:crypto');
const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.rich, {});
  const seen = client.getPeerX509Certificate();
  log('is one', seen instanceof X509Certificate);
  log('subject', seen.subject);
  log('names', seen.subjectAltName);
  log('checks', seen.checkHost('a.rich.test'), seen.checkHost('b.test'));
  const own = socket.getX509Certificate();
  log('own', own.fingerprint256 === seen.fingerprint256);
  log('none', client.getX509Certificate(), socket.getPeerX509Certificate());
});
