// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect } = require('../program');

const ALERTS = {
  clientStranger: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
  clientSelfSigned: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
  clientExpired: 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED',
};

run(async () => {
  const server = tls.createServer({ ...certs.ec, ca: certs.ca,
    requestCert: true, maxVersion: 'TLSv1.3' }, () => log('never'));
  const port = await listen(server);
  for (const [name, alert] of Object.entries(ALERTS)) {
    const client = connect(port, certs[name]);
    let code = 'no error';
    client.resume().on('error', (error) => { code = error.code; });
    await new Promise((done) => client.on('close', done));
    log.differs('refused-clients', { node: 'no error', tlstream: alert }, code);
  }
});
