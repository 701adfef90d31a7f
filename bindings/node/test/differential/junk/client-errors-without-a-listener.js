// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, read } = require('../program');
const { plain, closed } = require('../parts');

run(async () => {
  const server = tls.createServer(certs.ec, (socket) => socket.end('hello'));
  const port = await listen(server);
  for (const junk of ['GET / HTTP/1.0\r\n\r\n', 'junk and more junk', '']) {
    const client = plain(port).resume();
    client.end(junk);
    await closed(client);
  }
  log('still there', await read(connect(port)));
});
