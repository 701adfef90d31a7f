// SPDX-License-Identifier: MIT
'use strict';

const nodeTls = require('node:tls');
const { log, certs, run, use, once } = require('../program');
const { bytes, digest, pairThrough } = require('../parts');

// Node's https does this with a socket of ours to a proxy.
run(async () => {
  const { client, socket } = await pairThrough(certs.ec, { ca: certs.ca });
  const inner = use(nodeTls.createServer(certs.rsa, (each) => each.pipe(each)));
  inner.emit('connection', socket);
  const top = use(nodeTls.connect({ socket: client, ca: certs.ca,
    servername: 'localhost' }));
  await once(top, 'secureConnect');
  log('authorized', top.authorized, top.remoteAddress);
  const sent = bytes(1 << 20);
  top.end(sent);
  log('same', await digest(top) === await digest(sent));
});
