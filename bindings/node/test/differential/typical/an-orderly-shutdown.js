// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, once, read, waitFor } =
  require('../program');
const { closed } = require('../parts');

class Service {
  constructor() {
    this.sockets = new Set();
    this.server = tls.createServer(certs.ec, (socket) => this.serve(socket));
  }

  serve(socket) {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.write('at your service\n');
  }

  stop() {
    const over = new Promise((done) => this.server.close(done));
    for (const each of this.sockets) each.resume().end('closing down\n');
    return Promise.all([over, closed(...this.sockets)]);
  }
}

run(async () => {
  const service = new Service();
  const port = await listen(service.server);
  const clients = Array.from({ length: 5 }, () => connect(port));
  const texts = clients.map((each) => read(each));
  await Promise.all(clients.map((each) => once(each, 'data')));
  await waitFor('the server', service.stop());
  log('texts', new Set(await Promise.all(texts)).size, await texts[0]);
  log('left', service.sockets.size);
});
