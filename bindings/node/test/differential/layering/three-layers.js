// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, meet, once, read } = require('../program');
const { upgrade } = require('../parts');

async function layer({ client, socket }, who) {
  const server = use(tls.createServer(who));
  const arrival = once(server, 'secureConnection');
  server.emit('connection', socket);
  const inner = upgrade(client);
  const [[secure]] = await Promise.all([arrival, once(inner, 'secureConnect')]);
  return { client: inner, socket: secure };
}

run(async () => {
  let pair = await meet(certs.ec);
  for (const who of [certs.rsa, certs.other]) {
    pair = await layer(pair, who);
    log('peer', pair.client.getPeerCertificate().subject.CN);
  }
  pair.socket.pipe(pair.socket);
  pair.client.end('all the way down');
  log('text', await read(pair.client));
});
