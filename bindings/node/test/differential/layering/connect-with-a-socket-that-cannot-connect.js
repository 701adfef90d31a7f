// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { log, run, use } = require('../program');
const { collect, closed, upgrade, unusedPort } = require('../parts');

run(async () => {
  const raw = use(net.connect(await unusedPort(), '127.0.0.1'));
  const client = upgrade(raw);
  const [below, above] = [raw, client].map((each) =>
    collect(each, 'connect', 'secureConnect', 'error', 'close'));
  await closed(client, raw);
  log('below', below);
  log.differs('had-error', {
    node: [['error', 'ECONNREFUSED'], ['close', false]],
    tlstream: [['error', 'ECONNREFUSED'], ['close', true]],
  }, above);
});
