// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');
const { closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const side = log.as('client');
  for (const text of ['a', 'b', 'c'])
    client.write(text, (error) => side(`wrote ${text}`, error ?? null));
  client.on('finish', () => side('finish'));
  client.end('d', (error) => side('ended', error ?? null));
  log('text', await read(socket));
  await closed(client);
});
