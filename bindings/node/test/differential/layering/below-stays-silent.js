// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, once } = require('../program');
const { request, upgrade } = require('../parts');

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    socket.pipe(socket)));
  const raw = use(net.connect(port, '127.0.0.1'));
  let heard = 0;
  raw.on('data', () => heard++).on('end', () => heard++);
  const client = upgrade(raw);
  await once(client, 'secureConnect');
  log('answer', await request(client, 'for above only'));
  log('heard below', heard);
});
