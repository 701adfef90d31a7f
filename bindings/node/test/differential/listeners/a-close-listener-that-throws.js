// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, connect, once } = require('../program');
const { closed } = require('../parts');

run(async () => {
  const { server, client, socket, port } = await pair(certs.ec);
  const caught = once(process, 'uncaughtException');
  socket.on('close', () => { throw new Error('in close'); });
  socket.resume();
  client.resume().end();
  log('caught', (await caught)[0].message, socket.destroyed);
  await closed(client);
  const arrival = once(server, 'secureConnection');
  await once(connect(port), 'secureConnect');
  log('next one', (await arrival)[0].encrypted);
});
