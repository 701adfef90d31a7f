// SPDX-License-Identifier: MIT
'use strict';

const { Duplex, Transform } = require('node:stream');
const { tls, log, certs, run, listen, once, read } = require('../program');
const { plain, upgrade } = require('../parts');

const crumble = () => new Transform({
  transform(data, _, done) {
    for (const byte of data) this.push(Buffer.of(byte));
    done();
  },
});

function crumbled(raw) {
  const writable = crumble();
  writable.pipe(raw);
  return Duplex.from({ writable, readable: raw.pipe(crumble()) });
}

run(async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const server = tls.createServer(certs.ec, (socket) => socket.pipe(socket));
    const port = await listen(server);
    const client = upgrade(crumbled(plain(port)), { maxVersion });
    await once(client, 'secureConnect');
    log('protocol', client.getProtocol());
    client.end('crumbs and more crumbs');
    log('text', await read(client));
  }
});
