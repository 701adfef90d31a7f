// SPDX-License-Identifier: MIT
'use strict';

const { log, certs, run, pair, waitFor } = require('../program');
const { closed } = require('../parts');

run(async () => {
  const { server, client, socket } = await pair(certs.ec);
  socket.resume();
  const order = [];
  server.once('close', () => order.push('close'));
  const over = new Promise((done) => server.close((error) => {
    order.push(`callback ${error}`);
    done();
  }));
  log('listening', server.listening, server.address());
  closed(client).then(() => order.push('client closed'));
  client.write('still possible');
  client.resume().end();
  await waitFor('the close of the server', over);
  log('destroyed', socket.destroyed, order.includes('close'));
  log('callback', order.find((each) => each.startsWith('callback')));
});
