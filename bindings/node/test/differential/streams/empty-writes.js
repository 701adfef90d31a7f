// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const side = log.as('client');
  side('nothing', client.write('', () => side('nothing was written')));
  client.write(Buffer.alloc(0), () => side('nothing again'));
  client.write('something', () => side('something was written'));
  client.end('', () => side('ended'));
  log('text', await read(socket));
  side('counted', client.bytesWritten);
});
