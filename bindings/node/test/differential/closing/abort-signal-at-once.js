// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect } = require('../program');
const { collect } = require('../parts');

// Node connects nevertheless, in the end, and emits 'close' twice.
run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  const client = connect(port, { signal: AbortSignal.abort() });
  const seen = collect(client, 'secureConnect', 'error');
  await new Promise((done) => client.once('close', () => setImmediate(done)));
  log('seen', seen);
  log.differs('aborted-signal', { node: false, tlstream: true },
    client.destroyed);
});
