// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');
const { collect, closed } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  const [arrival, secure] = ['connection', 'secureConnection']
    .map((event) => once(server, event));
  const client = connect(port).resume().on('error', () => {});
  const [[raw], [socket]] = await Promise.all([arrival, secure]);
  const seen = collect(socket.resume(), 'error', 'close');
  raw.destroy();
  await closed(raw, socket, client);
  log('above', seen, socket.destroyed);
});
