// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, once, read } =
  require('../program');
const { plain, request } = require('../parts');

function serve(raw) {
  raw.write('220 ready\r\n');
  raw.once('data', (each) => {
    log.as('server')('asked', each);
    raw.write('220 go ahead\r\n');
    const socket = use(new tls.TLSSocket(raw, { isServer: true, ...certs.ec }));
    socket.on('data', (text) => socket.end(`250 hello ${text}`));
  });
}

run(async () => {
  const raw = plain(await listen(net.createServer(serve)));
  log('greeting', (await once(raw, 'data'))[0]);
  log('answer', await request(raw, 'STARTTLS\r\n'));
  const client = use(tls.connect({ socket: raw, ca: certs.ca,
    servername: 'localhost' }));
  await once(client, 'secureConnect');
  log('secure', client.authorized, client.getProtocol());
  client.write('EHLO me');
  log('text', await read(client));
});
