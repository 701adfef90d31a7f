// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once, read } =
  require('../program');

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  const side = log.as('client');
  const client = connect(port);
  client.on('secureConnect', () => side('secureConnect'));
  side('early', client.write('early ', () => side('early is written')));
  side('length', client.writableLength, client.secureConnecting);
  client.write('bird', () => side('all is written'));
  const [socket] = await once(server, 'secureConnection');
  client.end();
  log('text', await read(socket));
});
