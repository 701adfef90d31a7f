// SPDX-License-Identifier: MIT
'use strict';

const events = require('node:events');
const { log, certs, run, meet } = require('../program');

run(async () => {
  const { client, socket } = await meet(certs.ec);
  client.end('one two');
  let text = '';
  for await (const [each] of events.on(socket, 'data', { close: ['end'] }))
    text += each;
  log('text', text);
});
