// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once, read } = require('../program');

async function header(socket) {
  let text = '';
  for (;;) {
    await once(socket, 'readable');
    for (let each; (each = socket.read()) !== null;) {
      text += each;
      const end = text.indexOf('\n\n');
      if (end < 0) continue;
      socket.unshift(Buffer.from(text.slice(end + 2)));
      return text.slice(0, end);
    }
  }
}

run(async () => {
  const { client, socket } = await pair(certs.ec);
  client.write('name: x\nleng');
  client.end('th: 4\n\nbody');
  log('header', await header(socket));
  log('body', await read(socket));
});
