// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { closed } = require('../parts');

run(async () => {
  const { client, socket } = await pair(certs.ec);
  socket.resume();
  client.resume().end();
  await closed(client);
  log('certificate', client.getPeerCertificate(), client.getCertificate());
  log('session', client.getProtocol(), client.getCipher());
  log('addresses', client.remoteAddress, client.remotePort, client.address());
  log('flags', client.encrypted, client.authorized, client.servername);
  log('verbs', client.setNoDelay() === client, client.setKeepAlive() === client,
    client.pause() === client, client.ref() === client,
    client.setTimeout(0) === client, client.unref() === client);
});
