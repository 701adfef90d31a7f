// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  for (const text of ['one', 'two', 'three']) client.write(text);
  client.end();
  let all = '';
  for await (const each of socket.setEncoding('utf8')) all += each;
  log('text', all);
  log('after it', socket.readableEnded, socket.destroyed);
  await closed(client);
  log('the other', client.readableEnded, client.destroyed);
});
