// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { log, run, use, listen, once } = require('../program');
const { plain, request, upgrade, upgradeServer } = require('../parts');

const REQUEST = Buffer.from('0000000804d2162f', 'hex');

function serve(raw) {
  raw.once('readable', () => {
    const request = raw.read(8);
    log.as('server')('request', request.equals(REQUEST), raw.readableLength);
    raw.write('S');
    const socket = upgradeServer(raw);
    socket.on('data', (each) => socket.write(`row of ${each}`));
  });
}

run(async () => {
  const raw = plain(await listen(net.createServer(serve)));
  raw.write(REQUEST);
  const [letter] = await once(raw, 'data');
  log('letter', letter);
  const client = upgrade(raw);
  log('answer', await request(client, 'select 1'));
});
