// SPDX-License-Identifier: MIT
'use strict';

const { duplexPair } = require('node:stream');
const { tls, log, certs, run, use, once, read } = require('../program');
const { closed, upgrade } = require('../parts');

// Its halves finish when the other half was read to the end. Node's tls stops
// to read after the close_notify, so that both wait for each other.
run(async () => {
  const [near, far] = duplexPair();
  const server = use(tls.createServer(certs.ec));
  server.emit('connection', far);
  const client = upgrade(near);
  const [socket] = await once(server, 'secureConnection');
  client.resume().end('bye');
  const over = closed(client, socket).then(() => 'closed');
  const stuck = once(process, 'beforeExit').then(() => 'stuck');
  log('text', await read(socket));
  socket.end();
  log.differs('duplex-end', { node: 'stuck', tlstream: 'closed' },
    await Promise.race([over, stuck]));
});
