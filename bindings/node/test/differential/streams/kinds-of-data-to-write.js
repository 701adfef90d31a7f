// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  const letters = Buffer.from('..abc..');
  client.write('text ');
  client.write(new Uint8Array([0x75, 0x38, 0x20]));
  client.write(letters.subarray(2, 5));
  client.write('\u00e9', 'latin1');
  client.write('7a7A', 'hex');
  client.write('_-8', 'base64');
  client.write('_-8', 'base64url');
  client.write('xy', 'utf16le');
  client.write('\u00ff\u20ac', 'binary');
  client.setDefaultEncoding('hex').write('2e2e');
  client.end('end', 'utf8');
  const pieces = [];
  for await (const piece of socket) pieces.push(piece);
  log('arrived', Buffer.concat(pieces));
});
