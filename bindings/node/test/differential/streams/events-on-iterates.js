// SPDX-License-Identifier: MIT
'use strict';

const events = require('node:events');
const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  client.end('one two');
  let text = '';
  for await (const [each] of events.on(socket, 'data', { close: ['end'] }))
    text += each;
  log('text', text);
});
