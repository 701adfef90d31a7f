// SPDX-License-Identifier: MIT
'use strict';

const { Duplex } = require('node:stream');
const { tls, log, certs, run, use, listen } = require('../program');
const { plain } = require('../parts');

const inert = (options) => use(new Duplex({ ...options, read() {},
  write(data, _, done) { done(); } }));

run(async () => {
  const port = await listen(tls.createServer(certs.ec));
  for (const below of [true, false]) {
    for (const asked of [undefined, true, false]) {
      const sockets = [inert({ allowHalfOpen: below }), plain(port)];
      sockets[1].allowHalfOpen = below;
      const allowed = sockets.map((socket) => use(tls.connect({ socket,
        allowHalfOpen: asked, ca: certs.ca })).allowHalfOpen);
      log('below, asked', below, asked, allowed);
    }
  }
});
