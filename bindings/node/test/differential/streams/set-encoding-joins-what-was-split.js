// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const texts = [];
  log('itself', client.setEncoding('utf8') === client);
  client.on('data', (text) => texts.push(text));
  for (const byte of Buffer.from('gr\u00fc\u00df \u20ac \u{1f510}'))
    socket.write(Buffer.of(byte));
  socket.end();
  await once(client, 'end');
  log('types', [...new Set(texts.map((text) => typeof text))]);
  log('text', texts.join(''), client.readableEncoding);
});
