// SPDX-License-Identifier: MIT
'use strict';

const { tls, certs, run, listen, connect } = require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec);
  server.on('secureConnection', (socket) => socket.on('error', () => {}));
  const client = connect(await listen(server));
  record('client', client.resume(), 'secureConnect', 'end', 'error', 'close');
  client.once('secureConnect', () => client.destroy());
  await closed(client);
});
