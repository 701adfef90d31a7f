// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');
const { request } = require('../parts');

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) =>
    socket.pipe(socket)));
  const client = connect(port, {}, () => { throw new Error('in connect'); });
  const [error, origin] = await once(process, 'uncaughtException');
  log('caught', error.message, origin);
  log('goes on', await request(client, 'hello'), client.authorized);
});
