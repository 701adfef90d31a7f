// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, pair, once, read } = require('../program');
const { closed } = require('../parts');

run(async () => {
  const inner = use(tls.createServer(certs.rsa));
  const outer = await pair(certs.ec);
  const arrival = once(inner, 'secureConnection');
  inner.emit('connection', outer.socket);
  const client = use(tls.connect({ socket: outer.client, ca: certs.ca,
    servername: 'localhost' }));
  await once(client, 'secureConnect');
  const [socket] = await arrival;
  use(socket);
  log('peer', client.getPeerCertificate().subject.CN, client.authorized);
  log('outside', outer.client.getPeerCertificate().subject.CN);
  socket.on('data', (each) => socket.end(`${each} and out`));
  client.write('in');
  log('text', await read(client));
  await closed(client, socket, outer.client, outer.socket);
  log('everything is closed');
});
