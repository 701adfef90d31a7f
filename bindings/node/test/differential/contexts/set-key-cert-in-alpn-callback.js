// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, pair } = require('../program');
const { refusal } = require('../parts');

run(async () => {
  if (!tls.TLSSocket.prototype.setKeyCert) log.skip('this Node cannot');
  const other = tls.createSecureContext(certs.other);
  const { client } = await pair({ ...certs.ec, ALPNCallback({ protocols }) {
    log('wrong', refusal(() => this.setKeyCert('x')) instanceof Error);
    this.setKeyCert(other);
    return protocols[0];
  } }, { ALPNProtocols: ['a'] });
  log('who', client.getPeerCertificate().subject.CN, client.alpnProtocol);
});
