// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect } = require('../program');

// Both report the reason; what follows it differs.
run(async () => {
  const server = tls.createServer({ ...certs.ec, ca: certs.ca,
    requestCert: true }, () => log('never'));
  const client = connect(await listen(server));
  const events = [];
  client.on('secureConnect', () => log('connected', client.authorized));
  client.on('error', (error) => log('error', error));
  client.on('end', () => events.push('end'));
  client.resume();
  await new Promise((done) => client.on('close', (hadError) => {
    events.push(hadError);
    done();
  }));
  log.differs('error-then-close', { node: ['end', false], tlstream: [true] },
    events);
});
