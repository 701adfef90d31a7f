// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const ecdhCurve of ['P-256', 'P-384', 'X25519']) {
    const { client } = await pair({ ...certs.ec, ecdhCurve }, {});
    log(ecdhCurve, client.getProtocol());
    log.differs('later', { node: true, tlstream: false },
      'type' in client.getEphemeralKeyInfo());
  }
});
