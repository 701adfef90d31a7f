// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, pair } = require('../program');

const contexts = {
  'a.test': tls.createSecureContext(certs.a),
  'b.test': tls.createSecureContext(certs.b),
};

function SNICallback(servername, callback) {
  log('asked for', servername);
  callback(null, contexts[servername]);
}

run(async () => {
  for (const servername of ['a.test', 'b.test']) {
    const { client, socket } =
      await pair({ ...certs.ec, SNICallback }, { servername });
    log('got', client.getPeerCertificate().subject, client.authorized);
    log('server sees', socket.servername);
  }
});
