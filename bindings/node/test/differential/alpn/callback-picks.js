// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, meet } = require('../program');

function ALPNCallback(about) {
  log('asked', about);
  return about.protocols.at(-1);
}

run(async () => {
  const { client, socket } = await meet({ ...certs.ec, ALPNCallback },
    { ALPNProtocols: ['h2', 'http/1.1'] });
  log('agreed on', client.alpnProtocol, socket.alpnProtocol);
});
