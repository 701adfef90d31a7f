// SPDX-License-Identifier: MIT
'use strict';

const { PassThrough } = require('node:stream');
const { tls, log, certs, run, use, listen, once } =
  require('../program');
const { plain, upgrade } = require('../parts');

// http2-wrapper, which got uses, finds Node's class of sockets over streams so.
run(async () => {
  const { constructor: Wrapper } =
    new tls.TLSSocket(new PassThrough())._handle._parentWrap;
  log('class', Wrapper.name);
  const server = tls.createServer(certs.ec, (socket) => socket.write('hello'));
  const raw = plain(await listen(server));
  await once(raw, 'connect');
  const client = upgrade(use(new Wrapper(raw)));
  await once(client, 'secureConnect');
  const [text] = await once(client, 'data');
  log('text', text);
});
