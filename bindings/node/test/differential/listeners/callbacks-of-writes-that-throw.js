// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once, read } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const caught = once(process, 'uncaughtException');
  client.write('one ', () => { throw new Error('in the callback'); });
  log('caught', (await caught)[0].message);
  client.end('two');
  log('text', await read(socket));
});
