// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { log, run, use, listen, once, read } = require('../program');
const { plain, upgrade, upgradeServer } = require('../parts');

function serve(raw) {
  const heard = [];
  raw.on('data', (each) => heard.push(String(each)));
  raw.once('data', () => {
    raw.write('yes');
    const socket = upgradeServer(raw);
    socket.on('data', (each) => socket.end(each));
    socket.on('close', () => log.as('server')('heard below', heard));
  });
}

run(async () => {
  const raw = plain(await listen(net.createServer(serve)));
  const heard = [];
  raw.on('data', (each) => heard.push(String(each)));
  raw.write('STARTTLS');
  await once(raw, 'data');
  const client = upgrade(raw);
  client.write('a secret');
  log('text', await read(client));
  log('heard below', heard);
});
