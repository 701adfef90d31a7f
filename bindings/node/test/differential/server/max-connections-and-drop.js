// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, connect, once } = require('../program');
const { collect, closed } = require('../parts');

run(async () => {
  const { server, client, port } = await pair(certs.ec);
  server.maxConnections = 1;
  const dropped = once(server, 'drop');
  const second = connect(port);
  const seen = collect(second, 'secureConnect', 'error', 'close');
  const [about] = await dropped;
  log('about', Object.keys(about).sort(), about.localPort === port);
  log('family', about.localFamily, about.remoteFamily, about.remoteAddress);
  await closed(second);
  log('refused', seen);
  log('the first is unharmed', client.destroyed, server.maxConnections);
});
