// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, read } = require('../program');

function lookAt(stream) {
  return { corked: stream.writableCorked, length: stream.writableLength };
}

run(async () => {
  const { client, socket } = await pair(certs.ec);
  client.cork();
  client.cork();
  client.write('one ');
  client.write(Buffer.from('two '));
  client.write('dGhyZWUg', 'base64');
  log('corked twice', lookAt(client));
  client.uncork();
  log('corked once', lookAt(client));
  client.write('666f757220', 'hex');
  client.write('f\u00fcnf', 'latin1', () => log('the last is written'));
  client.uncork();
  log('uncorked', client.writableCorked);
  client.end();
  log('text', Buffer.from(await read(socket.setEncoding('latin1'))));
});
