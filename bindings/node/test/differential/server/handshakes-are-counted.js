// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, once } = require('../program');
const { plain, closed } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  const arrival = once(server, 'connection');
  plain(port);
  const [raw] = await arrival;
  server.getConnections((error, number) => log('silent', error, number));
  raw.destroy();
  await closed(raw);
  await new Promise((done) => server.getConnections((error, number) =>
    done(log('closed', error, number))));
});
