// SPDX-License-Identifier: MIT
'use strict';

const http2 = require('node:http2');
const { tls, log, certs, run, use, listen, connect, once, read } =
  require('../program');

// As Node does, it knows what kind of stream it is over.
run(async () => {
  const web = http2.createServer();
  web.on('stream', (stream, headers) => {
    stream.respond({ ':status': 200 });
    stream.end(`${headers[':path']} in frames`);
  });
  const port = await listen(tls.createServer({ ...certs.ec,
    ALPNProtocols: ['h2'] }, (socket) => web.emit('connection', socket)));
  const client = connect(port, { ALPNProtocols: ['h2'] });
  await once(client, 'secureConnect');
  const session = use(http2.connect('https://localhost', {
    createConnection: () => client }));
  const stream = session.request({ ':path': '/page' });
  const [headers] = await once(stream, 'response');
  log('status', headers[':status'], client.alpnProtocol);
  log('text', await read(stream));
  log('over', session.alpnProtocol, session.encrypted);
});
