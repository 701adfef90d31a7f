// SPDX-License-Identifier: MIT
'use strict';

const { Transform, duplexPair, pipeline } = require('node:stream');
const { tls, log, certs, run, use, once, read } = require('../program');
const { upgrade } = require('../parts');

const scramble = () => new Transform({
  transform(data, _, done) {
    done(null, Buffer.from(data).map((byte) => byte ^ 0x55));
  },
});

// What one side writes comes scrambled and descrambled to the other.
function wire() {
  const [[a, a2], [b2, b]] = [duplexPair(), duplexPair()];
  pipeline(a2, scramble(), scramble(), b2, () => {});
  pipeline(b2, scramble(), scramble(), a2, () => {});
  return [a, b];
}

run(async () => {
  const [near, far] = wire();
  const server = use(tls.createServer(certs.ec));
  server.emit('connection', far);
  const client = upgrade(near);
  const [socket] = await once(server, 'secureConnection');
  client.end('through the mill');
  log('text', await read(socket));
});
