// SPDX-License-Identifier: MIT
'use strict';

const fs = require('node:fs');
const { log, certs, run, pair } = require('../program');

const { file, passphrase } = certs.pfx;
const pfx = fs.readFileSync(file);
const FORMS = {
  'Buffer': { pfx, passphrase },
  'Uint8Array': { pfx: new Uint8Array(pfx), passphrase },
  'list': { pfx: [pfx], passphrase },
  'list of objects': { pfx: [{ buf: pfx, passphrase }] },
  'without a passphrase': { pfx: fs.readFileSync(certs.pfxOpen.file) },
};

run(async () => {
  for (const [name, form] of Object.entries(FORMS)) {
    const { client } = await pair(form, {});
    log(name, client.getPeerCertificate().subject.CN, client.authorized);
  }
});
