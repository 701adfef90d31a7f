// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

// An exception in any callback of tlstream closes its connection and no other.
run(async () => {
  const thrown = new RangeError('thrown by the callback');
  const port = await listen(tls.createServer(certs.ec));
  const client = connect(port, {
    checkServerIdentity() {
      throw thrown;
    },
  });
  const [where, error] = await Promise.race([
    once(process, 'uncaughtException').then(([each]) => ['process', each]),
    once(client, 'error').then(([each]) => ['socket', each])]);
  log('the error itself', error === thrown);
  log.differs('callbacks', { node: 'process', tlstream: 'socket' }, where);
});
