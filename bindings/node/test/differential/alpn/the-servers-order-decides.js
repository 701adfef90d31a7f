// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  for (const order of [['b', 'a'], ['a', 'b'], ['c', 'b']]) {
    const { client, socket } = await meet(
      { ...certs.ec, ALPNProtocols: order }, { ALPNProtocols: ['a', 'b'] });
    log(order, 'client', client.alpnProtocol);
    log(order, 'server', socket.alpnProtocol);
  }
});
