// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect } = require('../program');

const ALERTS = {
  clientStranger: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
  clientSelfSigned: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
  clientExpired: 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED',
};

async function see(maxVersion, ofNode) {
  const server = tls.createServer({ ...certs.ec, ca: certs.ca,
    requestCert: true, maxVersion }, () => log('never'));
  const port = await listen(server);
  for (const [name, alert] of Object.entries(ALERTS)) {
    const client = connect(port, certs[name]);
    let code = 'no error';
    client.resume().on('error', (error) => { code = error.code; });
    await new Promise((done) => client.on('close', done));
    log(maxVersion, name);
    log.differs('refused-clients', { node: ofNode, tlstream: alert }, code);
  }
}

run(async () => {
  await see('TLSv1.2', 'ECONNRESET');
  await see('TLSv1.3', 'no error');
});
