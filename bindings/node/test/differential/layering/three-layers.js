// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, use, pair, once, read } = require('../program');
const { upgrade } = require('../parts');

async function layer({ client, socket }, identity) {
  const server = use(tls.createServer(identity));
  const arrival = once(server, 'secureConnection');
  server.emit('connection', socket);
  const inner = upgrade(client);
  const [[secure]] = await Promise.all([arrival, once(inner, 'secureConnect')]);
  return { client: inner, socket: secure };
}

run(async () => {
  let ends = await pair(certs.ec);
  for (const identity of [certs.rsa, certs.other]) {
    ends = await layer(ends, identity);
    log('peer', ends.client.getPeerCertificate().subject.CN);
  }
  ends.socket.pipe(ends.socket);
  ends.client.end('all the way down');
  log('text', await read(ends.client));
});
