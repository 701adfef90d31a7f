// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, listen, once } = require('../program');
const { plain } = require('../parts');

// A driver that has wrapped the socket first.
run(async () => {
  const server = tls.createServer(certs.ec, (socket) => {
    socket.end(`you want ${socket.servername}`);
  });
  const raw = plain(await listen(server));
  await once(raw, 'connect');
  const client = use(new tls.TLSSocket(raw, { ca: certs.ca }));
  client.setServername('localhost');
  client._start();
  const [text] = await once(client, 'data');
  log('text', text);
});
