// SPDX-License-Identifier: MIT
// with: register
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');
const { plain } = require('../parts');

// A peer that is not authorized gets nothing of a program that does not ask.
run(async () => {
  for (const ca of [certs.ca, certs.otherCa]) {
    let got = '';
    const server = tls.createServer(certs.ec, (socket) => {
      socket.on('error', () => {}).on('data', (text) => { got += text; });
    });
    const raw = plain(await listen(server));
    await once(raw, 'connect');
    const client = use(new tls.TLSSocket(raw, { ca }));
    const side = log.as('client');
    client.on('secure', () => side('secure'));
    client.end('a password');
    await new Promise((done) => client.once('close', done));
    if (ca === certs.ca) log('got', got);
    else log.differs('made-by-hand', { node: 'a password', tlstream: '' }, got);
  }
});
