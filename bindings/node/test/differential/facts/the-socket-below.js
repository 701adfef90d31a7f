// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, listen, once } = require('../program');
const { bytes, closed, plain, upgrade } = require('../parts');

const PLAIN = 'hello in plain text';
const SIZE = 100000;

// It is asked while TLS runs over it, and afterwards.
function say(name, raw, port) {
  log(name, raw.remoteAddress, raw.remotePort === port, raw.remoteFamily,
    raw.localAddress, raw.readyState, raw.pending, raw.destroyed);
}

function counts(raw) {
  return [raw.bytesRead > SIZE, raw.bytesRead < SIZE * 2,
    raw.bytesWritten > PLAIN.length + 200, raw.bytesWritten < 4000];
}

run(async () => {
  let below;
  const server = tls.createServer(certs.ec, (socket) => {
    socket.on('data', () => socket.write(bytes(SIZE)));
  });
  const front = net.createServer((each) => {
    below = each;
    each.once('data', () => {
      each.write('go ahead');
      server.emit('connection', each);
    });
  });
  const port = await listen(front);
  const raw = plain(port);
  await once(raw, 'connect');
  raw.write(PLAIN);
  await once(raw, 'data');
  const client = upgrade(raw);
  await once(client, 'secureConnect');
  say('raw', raw, port);
  log('settings', raw.setNoDelay(true) === raw, raw.setKeepAlive(true, 1000)
    === raw, client.setNoDelay() === client, client.setKeepAlive() === client);
  client.write('all of it');
  let length = 0;
  client.on('data', (chunk) => { length += chunk.length; });
  while (length < SIZE) await once(client, 'data');
  log('counts', counts(raw));
  log('below', below.bytesWritten > SIZE, below.bytesRead > PLAIN.length);
  client.destroy();
  await closed(client);
  log('counts', counts(raw));
  say('afterwards', raw, undefined);
});
