// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use } = require('../program');

run(async () => {
  const ALPNProtocols = [Buffer.from('a'), Buffer.from('b')];
  try {
    use(tls.createServer({ ...certs.ec, ALPNProtocols }).listen(0));
    log.differs('lists-of-buffers', { tlstream: 'taken' }, 'taken');
  } catch (error) {
    log.differs('lists-of-buffers', { node: 'TypeError' }, error.name);
  }
});
