// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, pair } = require('../program');

function SNICallback(servername, callback) {
  const context = tls.createSecureContext(certs.wild);
  log('a context', context instanceof tls.SecureContext);
  log('its own context', typeof context.context);
  callback(null, context.context);
}

run(async () => {
  const { client } =
    await pair({ ...certs.ec, SNICallback }, { servername: 'x.wild.test' });
  log('got', client.getPeerCertificate().subject.CN, client.authorized);
});
