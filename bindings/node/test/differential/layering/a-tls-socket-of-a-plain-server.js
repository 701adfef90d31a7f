// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const nodeTls = require('node:tls');
const { tls, log, certs, run, use, listen, connect, once, read } =
  require('../program');

// `server` may be any server.
run(async () => {
  const other = nodeTls.createServer(certs.rsa);
  for (const kind of ['a plain one', 'one of TLS']) {
    const accept = (raw) => {
      const socket = use(new tls.TLSSocket(raw, { isServer: true,
        server: kind === 'a plain one' ? server : other, ...certs.ec }));
      socket.on('secure', () => socket.end(kind));
    };
    const server = net.createServer(accept);
    const client = connect(await listen(server));
    await once(client, 'secureConnect');
    log('text', await read(client));
  }
});
