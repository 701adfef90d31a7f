// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { log, certs, run, use, listen, once, read } = require('../program');
const { plain, upgrade, upgradeServer } = require('../parts');

// The server says that it is ready once it is, which is before any TLS.
run(async () => {
  const server = net.createServer((raw) => raw.once('data', () => {
    const socket = upgradeServer(raw);
    raw.write('go ahead');
    socket.end('hello');
  }));
  const raw = plain(await listen(server));
  raw.write('STARTTLS');
  const [answer] = await once(raw, 'data');
  log('answer', answer);
  log('text', await read(use(upgrade(raw))));
});
