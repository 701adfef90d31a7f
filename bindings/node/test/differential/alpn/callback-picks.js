// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

function ALPNCallback(about) {
  log('asked', about);
  return about.protocols.at(-1);
}

run(async () => {
  const { client, socket } = await pair({ ...certs.ec, ALPNCallback },
    { ALPNProtocols: ['h2', 'http/1.1'] });
  log('agreed on', client.alpnProtocol, socket.alpnProtocol);
});
