// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once, read } =
  require('../program');
const { record, closed } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec);
  const port = await listen(server);
  const client = connect(port);
  record('client', client.resume(), 'secureConnect', 'finish', 'end', 'error',
    'close');
  client.end('all I have to say');
  const [socket] = await once(server, 'secureConnection');
  log('text', await read(socket));
  await closed(client);
});
