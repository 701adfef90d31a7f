// SPDX-License-Identifier: MIT
'use strict';

const http2 = require('node:http2');
const { tls, log, certs, run, use, listen, connect } = require('../program');
const { bytes, digest } = require('../parts');

run(async () => {
  const web = http2.createServer();
  web.on('stream', (stream) => {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  });
  const port = await listen(tls.createServer({ ...certs.ec,
    ALPNProtocols: ['h2'] }, (socket) => web.emit('connection', socket)));
  const session = use(http2.connect('https://localhost', {
    createConnection: () => connect(port, { ALPNProtocols: ['h2'] }) }));
  const data = bytes(300000);
  const texts = Array.from({ length: 3 }, () => {
    const stream = session.request({ ':method': 'POST', ':path': '/' });
    stream.end(data);
    return digest(stream);
  });
  const right = await digest(data);
  log('the same', (await Promise.all(texts)).every((each) => each === right));
});
