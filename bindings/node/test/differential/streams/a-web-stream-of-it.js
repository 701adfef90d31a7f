// SPDX-License-Identifier: MIT
'use strict';

const { Duplex } = require('node:stream');
const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const { readable, writable } = Duplex.toWeb(client);
  socket.on('data', (each) => socket.end(`${each} back`));
  const writer = writable.getWriter();
  await writer.write(Buffer.from('there and'));
  let text = '';
  for await (const each of readable) text += Buffer.from(each);
  log('text', text);
});
