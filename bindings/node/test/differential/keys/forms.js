// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

const { key, cert } = certs.ec;
const FORMS = {
  'text': (pem) => pem,
  'Buffer': (pem) => Buffer.from(pem),
  'Uint8Array': (pem) => new TextEncoder().encode(pem),
  'DataView': (pem) => new DataView(new TextEncoder().encode(pem).buffer),
  'list of texts': (pem) => [pem],
  'list of Buffers': (pem) => [Buffer.from(pem)],
  'words around it': (pem) => `words\n${pem}words\n`,
  'Windows lines': (pem) => pem.replace(/\n/g, '\r\n'),
};

run(async () => {
  for (const [name, form] of Object.entries(FORMS)) {
    const { client } = await pair({ key: form(key), cert: form(cert) }, {});
    log(name, client.getPeerCertificate().subject.CN);
  }
});
