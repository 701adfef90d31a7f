// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, once } = require('../program');

run(async () => {
  const { client, socket } = await pair(certs.ec, {});
  client.destroy();
  log('at once', client.getPeerCertificate(), client.getCertificate());
  await once(client, 'close');
  log('later', client.getPeerCertificate(true), client.getCertificate());
  log('server', socket.getPeerCertificate());
});
