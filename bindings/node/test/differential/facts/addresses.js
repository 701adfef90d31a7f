// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair } = require('../program');
const { closed } = require('../parts');

function addresses(socket) {
  const { remoteAddress, remoteFamily, localAddress, localFamily } = socket;
  return { remoteAddress, remoteFamily, localAddress, localFamily,
    address: socket.address() };
}

run(async () => {
  const { client, socket, port } = await pair(certs.ec);
  log('client', addresses(client));
  log('server', addresses(socket));
  log('ports', client.remotePort === port, socket.localPort === port,
    client.localPort === socket.remotePort,
    client.address().port === client.localPort);
  socket.resume();
  client.resume().end();
  await closed(client, socket);
  log('client', addresses(client));
  log('server', addresses(socket));
  log('ports', client.remotePort === port, client.localPort);
});
