// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

run(async () => {
  const { client, socket } =
    await meet({ ...certs.ec, ALPNProtocols: ['a'] }, {});
  log('agreed on', client.alpnProtocol, socket.alpnProtocol);
});
