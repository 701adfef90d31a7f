// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');

run(async () => {
  const { client, socket } = await pair({ ...certs.ec, allowHalfOpen: true });
  read(socket).then((text) => socket.end(`${text} answered`));
  client.end('question');
  for await (const each of client) log('got', each);
  log('over', client.destroyed);
});
