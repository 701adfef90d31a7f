// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');
const { closed } = require('../parts');

const FLAGS = ['readable', 'writable', 'readableEnded', 'writableEnded',
  'writableFinished', 'readableAborted', 'writableAborted', 'readableDidRead',
  'destroyed', 'closed', 'errored'];

function flags(stream) {
  return Object.fromEntries(FLAGS.map((name) => [name, stream[name]]));
}

run(async () => {
  const { client, socket } = await pair(certs.ec);
  log('secure', flags(client));
  client.resume();
  client.end();
  log('ended', flags(client));
  await once(client, 'finish');
  log('finished', flags(client));
  socket.resume();
  await closed(client, socket);
  log('closed', flags(client));
});
