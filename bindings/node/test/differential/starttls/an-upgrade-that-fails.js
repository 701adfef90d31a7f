// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { log, run, use, listen } = require('../program');
const { plain, request, closed, collect, upgrade } = require('../parts');

run(async () => {
  const server = net.createServer((raw) => raw.once('data', () => {
    raw.write('yes');
    raw.once('data', () => raw.end('no, I do not speak TLS\r\n'));
  }));
  const raw = plain(await listen(server));
  log('answer', await request(raw, 'STARTTLS'));
  const client = upgrade(raw);
  const seen = collect(client, 'secureConnect', 'end', 'close');
  client.on('error', (error) => log('error', error));
  await closed(client, raw);
  log('seen', seen.at(-1), raw.destroyed);
});
