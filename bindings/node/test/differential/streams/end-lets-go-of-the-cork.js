// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  client.cork();
  client.write('kept');
  client.end(' and sent');
  log('corked', client.writableCorked);
  log('text', await read(socket));
});
