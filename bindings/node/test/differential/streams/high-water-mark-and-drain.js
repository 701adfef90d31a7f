// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');

function lookAt(stream) {
  return { length: stream.writableLength, need: stream.writableNeedDrain };
}

run(async () => {
  const { client, socket } = await pair(certs.ec, { highWaterMark: 16 });
  socket.resume();
  log('marks', client.readableHighWaterMark, client.writableHighWaterMark);
  client.cork();
  log('write', client.write('0123456789'));
  log('state', lookAt(client));
  log('write', client.write('0123456789'));
  log('state', lookAt(client));
  process.nextTick(() => client.uncork());
  await once(client, 'drain');
  log('drained', lookAt(client));
});
