// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

const { ca, otherCa } = certs;
const FORMS = {
  'text': ca,
  'Buffer': Buffer.from(ca),
  'Uint8Array': new TextEncoder().encode(ca),
  'list': [otherCa, ca],
  'list of both kinds': [Buffer.from(otherCa), ca],
  'one text with two': otherCa + ca,
  'with words around': `the authority\n${ca}\nits end`,
  'with Windows lines': ca.replace(/\n/g, '\r\n'),
};

run(async () => {
  for (const [name, form] of Object.entries(FORMS)) {
    const { client } = await pair(certs.ec, { ca: form });
    log(name, client.authorized);
  }
});
