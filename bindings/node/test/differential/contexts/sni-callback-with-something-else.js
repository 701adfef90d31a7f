// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect } = require('../program');

async function answered(odd) {
  const SNICallback = (servername, callback) => callback(null, odd);
  const server = tls.createServer({ ...certs.ec, SNICallback });
  const client = connect(await listen(server));
  client.on('error', () => {});
  return new Promise((done) => {
    server.on('tlsClientError', (error) => done(error.name));
    server.on('secureConnection', () => done('taken'));
  });
}

run(async () => {
  log('object', await answered({}));
  log('options', await answered(certs.a));
  for (const odd of ['context', 5, true]) {
    log.differs('argument-checks', { node: 'taken', tlstream: 'TypeError' },
      await answered(odd));
  }
});
