// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect } = require('../program');

function ask(port, question, limit) {
  return new Promise((done, failed) => {
    const client = connect(port, {}, () => client.write(question));
    const pieces = [];
    client.setTimeout(limit, () => client.destroy(
      Object.assign(new Error('too slow'), { code: 'ESLOW' })));
    client.on('data', (each) => pieces.push(each));
    client.on('error', failed);
    client.on('end', () => done(Buffer.concat(pieces).toString()));
  });
}

run(async () => {
  const port = await listen(tls.createServer(certs.ec, (socket) => {
    socket.on('error', () => {});
    socket.once('data', (each) => {
      if (String(each) !== 'silence') socket.end(`answer to ${each}`);
    });
  }));
  log('answers', await Promise.all(['a', 'b', 'c'].map((each) =>
    ask(port, each, 8000))));
  await ask(port, 'silence', 50).catch((error) => log('failed', error));
});
