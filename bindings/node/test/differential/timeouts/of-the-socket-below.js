// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');

const WHILE = 300;
const OFTEN = 60;

// A server's 'connection' hands it out, and programs set its time.
run(async () => {
  const { client, socket, server } = await pair(certs.ec, {});
  socket.resume();
  const raw = socket._parent;
  let isBusy = true;
  let was;
  raw.setTimeout(WHILE, () => { was ??= isBusy; });
  for (let i = 0; i < 10; i++) {
    client.write('x');
    await new Promise((done) => setTimeout(done, OFTEN));
  }
  isBusy = false;
  if (was === undefined) await once(raw, 'timeout');
  log('while busy', was, 'listening', server.listening);
});
