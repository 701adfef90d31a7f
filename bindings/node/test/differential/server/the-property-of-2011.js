// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { server } = await meet(certs.ec);
  log.differs('connections', { node: undefined, tlstream: 1 },
    server.connections);
});
