// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } =
    await pair({ ...certs.ec, ALPNProtocols: ['a'] }, {});
  log('agreed on', client.alpnProtocol, socket.alpnProtocol);
});
