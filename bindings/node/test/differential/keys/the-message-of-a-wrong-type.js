// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run } = require('../program');

function message(options) {
  try {
    tls.createSecureContext({ ...certs.ec, ...options });
  } catch (error) {
    log.message(error);
  }
}

run(async () => {
  message({ key: 1 });
  message({ cert: true });
  message({ ca: {} });
  message({ ciphers: 5 });
  message({ key: [{ pem: 5 }] });
});
