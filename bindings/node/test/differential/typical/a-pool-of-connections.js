// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once } = require('../program');

class Pool {
  constructor(port, size) {
    this.free = Array.from({ length: size }, () => connect(port));
    this.queue = [];
  }

  async ask(question) {
    const client = this.free.pop() ??
      await new Promise((done) => this.queue.push(done));
    client.write(question);
    const [answer] = await once(client, 'data');
    const next = this.queue.shift();
    if (next) next(client);
    else this.free.push(client);
    return String(answer);
  }
}

run(async () => {
  let connections = 0;
  const port = await listen(tls.createServer(certs.ec, (socket) => {
    connections++;
    socket.on('data', (each) => socket.write(`${each}!`));
  }));
  const pool = new Pool(port, 4);
  const answers = await Promise.all(Array.from({ length: 40 },
    (_, i) => pool.ask(`q${i}`)));
  log('answers', answers.every((each, i) => each === `q${i}!`));
  log('connections', connections, pool.free.length);
});
