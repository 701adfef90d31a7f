// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  for (const order of [['b', 'a'], ['a', 'b'], ['c', 'b']]) {
    const { client, socket } = await pair(
      { ...certs.ec, ALPNProtocols: order }, { ALPNProtocols: ['a', 'b'] });
    log(order, 'client', client.alpnProtocol);
    log(order, 'server', socket.alpnProtocol);
  }
});
