// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');

run(async () => {
  for (const encoding of ['hex', 'base64', 'latin1', 'utf16le', 'ascii']) {
    const { client, socket } = await pair(certs.ec);
    let text = '';
    client.setEncoding(encoding).on('data', (each) => { text += each; });
    socket.write(Buffer.from([0x61, 0x00, 0xe9]));
    socket.end(Buffer.from([0x00, 0x7a]));
    await once(client, 'end');
    log(encoding, text);
  }
});
