// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { log, run, use, listen, once, read } = require('../program');
const { plain, request, upgrade, upgradeServer } = require('../parts');

async function serve(raw) {
  await once(raw, 'data');
  log.as('listener')('agreed', await request(raw, 'you be the server'));
  const client = upgrade(raw);
  await once(client, 'secureConnect');
  log.as('listener')('authorized', client.authorized);
  client.end('sent by the TLS client');
}

run(async () => {
  const raw = plain(await listen(net.createServer(serve)));
  log('answer', await request(raw, 'who are you?'));
  raw.write('fine');
  const socket = upgradeServer(raw);
  log('text', await read(socket));
});
