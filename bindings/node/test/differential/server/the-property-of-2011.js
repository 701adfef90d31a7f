// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { server } = await pair(certs.ec);
  log.differs('connections', { node: undefined, tlstream: 1 },
    server.connections);
});
