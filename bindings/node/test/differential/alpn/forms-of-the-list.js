// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

const wire = Buffer.from('\x01a\x05b/1.1');
const FORMS = {
  'strings': ['a', 'b/1.1'],
  'wire': wire,
  'Uint8Array': new Uint8Array(wire),
  'DataView': new DataView(new Uint8Array(wire).buffer),
};

run(async () => {
  for (const [name, ALPNProtocols] of Object.entries(FORMS)) {
    const { client, socket } = await pair({ ...certs.ec, ALPNProtocols },
      { ALPNProtocols: ['b/1.1'] });
    log(name, 'of the server', socket.alpnProtocol);
    const second = await pair({ ...certs.ec, ALPNProtocols: ['b/1.1'] },
      { ALPNProtocols });
    log(name, 'of the client', second.client.alpnProtocol);
    log(name, 'on both sides', client.alpnProtocol);
  }
});
