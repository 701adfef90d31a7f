// SPDX-License-Identifier: MIT
'use strict';

const net = require('node:net');
const { tls, log, certs, run, use, listen, read } = require('../program');
const { plain, upgrade } = require('../parts');

const QUESTION = 'STARTTLS\n';

// The client does not wait: what follows the line already is TLS.
function serve(secure, raw) {
  let got = Buffer.alloc(0);
  raw.on('data', function look(each) {
    got = Buffer.concat([got, each]);
    if (got.length < QUESTION.length + 100) return;
    raw.off('data', look).pause();
    log.as('server')('asked', got.subarray(0, QUESTION.length));
    raw.unshift(got.subarray(QUESTION.length));
    secure.emit('connection', raw);
  });
}

run(async () => {
  const secure = use(tls.createServer(certs.ec, (socket) =>
    socket.end('hello')));
  const raw = plain(await listen(net.createServer((each) =>
    serve(secure, each))));
  raw.write(QUESTION);
  const client = upgrade(raw);
  log('text', await read(client));
});
